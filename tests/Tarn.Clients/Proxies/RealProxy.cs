using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Proxies;

/// <summary>A real proxy that runs a configuration of docs/operations/reverse-proxy.md, with this machine's ports and files in place of the document's.</summary>
internal sealed class RealProxy : IAsyncDisposable
{
    public static readonly string[] Programs = ["nginx", "haproxy", "caddy", "apache"];

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory;
    private readonly Process _process;
    private readonly Task<string> _errors;

    private RealProxy(TemporaryDirectory directory, Process process, int port, string authorityFile)
    {
        _directory = directory;
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        Port = port;
        AuthorityFile = authorityFile;
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
    }

    public int Port { get; }

    public string AuthorityFile { get; }

    /// <summary>Starts it in front of a server.</summary>
    /// <param name="program">One of <see cref="Programs"/>, or <c>haproxy-tcp</c>: the language of its block in the document.</param>
    /// <param name="port">The port to listen on.</param>
    /// <param name="server">Authority of the server behind it.</param>
    /// <param name="belowPath">Whether the document's line for a path prefix is put in.</param>
    public static async Task<RealProxy> StartAsync(string program, int port, string server, bool belowPath)
    {
        string binary = Find(program.Split('-')[0]);
        var directory = new TemporaryDirectory(program);
        try
        {
            TestCertificates certificates = TestCertificates.Create(directory.FullPath);
            string both = directory.PathOf("both.pem");
            await File.WriteAllTextAsync(both, await File.ReadAllTextAsync(certificates.CertificateFile) + await File.ReadAllTextAsync(certificates.KeyFile));
            string text = ProxyDocument.Configuration(program, belowPath)
                .Replace("/etc/tarn/tls/chain-and-key.pem", both, StringComparison.Ordinal)
                .Replace("/etc/tarn/tls/chain.pem", certificates.CertificateFile, StringComparison.Ordinal)
                .Replace("/etc/tarn/tls/key.pem", certificates.KeyFile, StringComparison.Ordinal)
                .Replace("127.0.0.1:9000", server, StringComparison.Ordinal);
            string file = directory.PathOf("proxy.conf");
            await File.WriteAllTextAsync(file, Complete(program, text, port, directory.FullPath));
            var start = new ProcessStartInfo(binary, Arguments(program, file))
            {
                RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = directory.FullPath,
            };
            start.Environment["HOME"] = start.Environment["XDG_DATA_HOME"] = start.Environment["XDG_CONFIG_HOME"] = directory.FullPath;
            var proxy = new RealProxy(directory, Process.Start(start)!, port, certificates.AuthorityFile);
            await proxy.WaitAsync();
            return proxy;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    private void KillAtExit(object? sender, EventArgs e) => _process.Kill(entireProcessTree: true);

    private static string Find(string program)
    {
        string name = program == "apache" ? "apache2" : program;
        string? found = new[] { "/usr/sbin/", "/usr/bin/", "/usr/local/bin/" }.Select(place => place + name).FirstOrDefault(File.Exists);
        if (found is null)
        {
            InstalledPrograms.Missing(name, $"{name} is not installed.");
        }

        return found;
    }

    /// <summary>What a configuration needs around the document's part to run on its own, in its own directory and as the user who runs the test.</summary>
    private static string Complete(string program, string text, int port, string directory)
    {
        string number = port.ToString(CultureInfo.InvariantCulture);
        return program switch
        {
            "nginx" => $$"""
                daemon off;
                worker_processes 1;
                {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
                pid {{directory}}/nginx.pid;
                error_log stderr warn;
                events {}
                http {
                    access_log off;
                    client_body_temp_path {{directory}}/body;
                    proxy_temp_path {{directory}}/proxy;
                    fastcgi_temp_path {{directory}}/fastcgi;
                    scgi_temp_path {{directory}}/scgi;
                    uwsgi_temp_path {{directory}}/uwsgi;
                    {{text.Replace("listen 443", $"listen 127.0.0.1:{number}", StringComparison.Ordinal)}}
                }

                """,
            "haproxy" or "haproxy-tcp" => "global\n    ssl-default-bind-options ssl-min-ver TLSv1.2\n\n" + text.Replace("bind :443", $"bind 127.0.0.1:{number}", StringComparison.Ordinal) + "\n",
            "caddy" => "{\n    admin off\n    auto_https disable_redirects\n}\n\n"
                + text.Replace("https://s3.example.com {", $"https://localhost:{number} {{\n    bind 127.0.0.1", StringComparison.Ordinal) + "\n",
            _ => $"""
                ServerRoot {directory}
                PidFile {directory}/apache.pid
                DefaultRuntimeDir {directory}
                {(Environment.IsPrivilegedProcess ? "User www-data\nGroup www-data" : "")}
                ServerName localhost
                ErrorLog /dev/stderr
                LogLevel warn
                Listen 127.0.0.1:{number}
                LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
                LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
                LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
                LoadModule http2_module /usr/lib/apache2/modules/mod_http2.so
                LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
                LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
                LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
                {text.Replace("*:443", $"127.0.0.1:{number}", StringComparison.Ordinal)}

                """,
        };
    }

    private static string[] Arguments(string program, string file) => program switch
    {
        "nginx" => ["-c", file],
        "haproxy" or "haproxy-tcp" => ["-db", "-f", file],
        "caddy" => ["run", "--adapter", "caddyfile", "--config", file],
        _ => ["-f", file, "-D", "FOREGROUND"],
    };

    private async Task WaitAsync()
    {
        var waited = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (waited.Elapsed < StartTime && !_process.HasExited)
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException)
            {
                await tick.WaitForNextTickAsync();
            }
        }

        await DisposeAsync();
        throw new InvalidOperationException($"The proxy did not start. It wrote:\n{await _errors}");
    }
}

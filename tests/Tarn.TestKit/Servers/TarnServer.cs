using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Tarn.TestKit.Servers;

/// <summary>
/// The real server as a child process: started on free ports, awaited, killed or stopped, started again on
/// the same data and the same ports. What it writes is kept and shown when something fails.
/// </summary>
public sealed class TarnServer : IAsyncDisposable
{
    private readonly TarnServerOptions _options;
    private readonly TemporaryDirectory _scratch;
    private readonly TestCertificates? _certificates;
    private readonly TarnProcess _process;

    private TarnServer(TarnServerOptions options)
    {
        _options = options;
        _scratch = new TemporaryDirectory("server");
        DataDirectory = options.DataDirectory ?? _scratch.PathOf("data");
        _certificates = options.Tls ? TestCertificates.Create(_scratch.FullPath) : null;
        var scheme = options.Tls ? "https" : "http";
        Endpoint = new TarnEndpoint(
            new Uri(string.Create(CultureInfo.InvariantCulture, $"{scheme}://{options.Host}:{FreePort.Next()}/")),
            options.AccessKey,
            options.SecretKey,
            options.Region
        )
        {
            Control = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{options.Host}:{FreePort.Next()}/")),
            AuthorityFile = _certificates?.AuthorityFile,
        };
        Accelerators = options.Accelerators ? new Uri(string.Create(CultureInfo.InvariantCulture, $"{scheme}://{options.Host}:{FreePort.Next()}/")) : null;
        _process = new TarnProcess("server", new Uri(Control, "health/ready"), options.StartTimeout, options.StopTimeout);
    }

    /// <summary>Its address and credentials; they stay the same across restarts.</summary>
    public TarnEndpoint Endpoint { get; }

    /// <summary>The control plane's address.</summary>
    public Uri Control => Endpoint.Control!;

    /// <summary>The address of the listener for accelerators; null without one.</summary>
    public Uri? Accelerators { get; }

    /// <summary>The data directory.</summary>
    public string DataDirectory { get; }

    /// <summary>What all runs of the server wrote so far.</summary>
    public string Output => _process.Output;

    /// <summary>The process id while it runs, else null.</summary>
    public int? ProcessId => _process.Id;

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It was not built, exited, or is not ready in time.</exception>
    public static async Task<TarnServer> StartAsync(TarnServerOptions? options = null)
    {
        var server = new TarnServer(options ?? new TarnServerOptions());
        try
        {
            await server.StartProcessAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the server as a power cut would (SIGKILL) and waits until the process is gone.</summary>
    public Task KillHardAsync() => _process.KillHardAsync();

    /// <summary>Sends SIGTERM and does not wait.</summary>
    public void Terminate() => _process.Terminate();

    /// <summary>Waits until the process has exited on its own, and returns its exit code.</summary>
    public Task<int> ExitAsync() => _process.ExitAsync();

    /// <summary>Asks the server to exit (SIGTERM) and expects exit code 0.</summary>
    /// <exception cref="InvalidOperationException">It does not exit in time, or exits with another code.</exception>
    public Task StopAsync() => _process.StopAsync();

    /// <summary>Waits until the S3 address accepts no more connections: the server has begun to stop.</summary>
    public async Task StoppedListeningAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (await tick.WaitForNextTickAsync())
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(Endpoint.S3.Host, Endpoint.S3.Port);
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    /// <summary>Starts the server again on the same data and ports, after a kill or a stop.</summary>
    /// <exception cref="InvalidOperationException">It is still running, or does not become ready.</exception>
    public Task RestartAsync() => StartProcessAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _scratch.Dispose();
    }

    private Task StartProcessAsync() => _process.StartAsync(_options.Command, Arguments(), Configure, _options.ReadsOutput, _options.ReadsError);

    private void Configure(ProcessStartInfo start)
    {
        start.WorkingDirectory = _scratch.FullPath;
        if (_options.Shell is { } script)
        {
            string[] command = [start.FileName, .. start.ArgumentList];
            start.FileName = "bash";
            start.ArgumentList.Clear();
            foreach (string argument in (string[])["-c", script, "bash", .. command])
            {
                start.ArgumentList.Add(argument);
            }
        }

        start.Environment["TARN_ROOT_ACCESS_KEY"] = Endpoint.AccessKey;
        start.Environment["TARN_ROOT_SECRET_KEY"] = Endpoint.SecretKey;
        foreach (var (name, value) in _options.Environment)
        {
            start.Environment[name] = value;
        }
    }

    private IEnumerable<string> Arguments()
    {
        string[] fixedPart =
        [
            "serve",
            "--data",
            DataDirectory,
            "--s3",
            Endpoint.S3.Authority,
            "--control",
            Control.Authority,
            "--region",
            Endpoint.Region,
        ];
        string[] tls = _certificates is { } files ? ["--tls-cert", files.CertificateFile, "--tls-key", files.KeyFile] : [];
        string[] accelerators = Accelerators is { } address ? ["--accelerators", address.Authority] : [];
        return [.. fixedPart, .. tls, .. accelerators, .. _options.Arguments];
    }
}

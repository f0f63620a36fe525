using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tarn.Conformance.Support;

/// <summary>A Tarn server as a child process over a data directory of its own; stopped and wiped when disposed.</summary>
public sealed class TarnProcess : IAsyncDisposable
{
    public const string AccessKey = "CONFORMANCEROOTKEY01";
    public const string SecretKey = "conformance-root-secret-0123456789abcdef";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly Process process;
    private readonly string data;
    private readonly StringBuilder output;

    private TarnProcess(Process process, string data, StringBuilder output, Uri s3)
    {
        this.process = process;
        this.data = data;
        this.output = output;
        S3 = s3;
    }

    /// <summary>Where the S3 listener answers, on the loopback address.</summary>
    public Uri S3 { get; }

    /// <summary>What the server has written to standard output and error so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>Starts a server and returns once its control address reports ready.</summary>
    /// <exception cref="InvalidOperationException">The server is not built, ended early or was not ready in time.</exception>
    public static async Task<TarnProcess> StartAsync(string scheme, params string[] arguments)
    {
        string dll = Path.Combine(RepositoryRoot(), "artifacts", "bin", "Tarn.Server", "release", "tarn.dll");
        if (!File.Exists(dll))
        {
            throw new InvalidOperationException($"{dll} is missing: build src/Tarn.Server with -c Release first.");
        }

        string data = Directory.CreateTempSubdirectory("tarn-conformance-").FullName;
        (int s3Port, int controlPort) = FreePorts();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[dll, "serve", "--data", data, "--s3", $"127.0.0.1:{s3Port}", "--control", $"127.0.0.1:{controlPort}", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["TARN_ROOT_ACCESS_KEY"] = AccessKey;
        start.Environment["TARN_ROOT_SECRET_KEY"] = SecretKey;
        var output = new StringBuilder();
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(output, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new TarnProcess(process, data, output, new Uri($"{scheme}://127.0.0.1:{s3Port}"));
        try
        {
            await server.WaitUntilReadyAsync(new Uri($"http://127.0.0.1:{controlPort}/health/ready"));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
        Directory.Delete(data, recursive: true);
    }

    private static void Append(StringBuilder output, string? line)
    {
        lock (output)
        {
            output.AppendLine(line);
        }
    }

    private async Task WaitUntilReadyAsync(Uri ready)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        long limit = Stopwatch.GetTimestamp() + (long)(StartLimit.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < limit)
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"The server ended with {process.ExitCode}:\n{Output}");
            }

            try
            {
                using HttpResponseMessage answer = await http.GetAsync(ready);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Nobody listens yet: that is what this loop waits for.
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException($"The server was not ready after {StartLimit}:\n{Output}");
    }

    private static string RepositoryRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Tarn.slnx")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No Tarn.slnx above {AppContext.BaseDirectory}.");
    }

    private static (int, int) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
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
    private readonly ProcessOutput _output = new();
    private readonly HttpClient _probe = new(new SocketsHttpHandler { UseProxy = false });
    private readonly TestCertificates? _certificates;
    private Process? _process;

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
    }

    /// <summary>Its address and credentials; they stay the same across restarts.</summary>
    public TarnEndpoint Endpoint { get; }

    /// <summary>The control plane's address.</summary>
    public Uri Control => Endpoint.Control!;

    /// <summary>The data directory.</summary>
    public string DataDirectory { get; }

    /// <summary>What all runs of the server wrote so far.</summary>
    public string Output => _output.ToString();

    /// <summary>The process id while it runs, else null.</summary>
    public int? ProcessId => _process is { HasExited: false } running ? running.Id : null;

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
    public async Task KillHardAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            Forget();
        }
    }

    /// <summary>Sends SIGTERM and does not wait.</summary>
    public void Terminate()
    {
        if (_process is { } process)
        {
            PosixSignal.Terminate(process);
        }
    }

    /// <summary>Waits until the process has exited on its own, and returns its exit code.</summary>
    public async Task<int> ExitAsync()
    {
        Process process = _process ?? throw Failure("does not run");
        using var limit = new CancellationTokenSource(_options.StopTimeout);
        await process.WaitForExitAsync(limit.Token);
        int code = process.ExitCode;
        Forget();
        return code;
    }

    /// <summary>Asks the server to exit (SIGTERM) and expects exit code 0.</summary>
    /// <exception cref="InvalidOperationException">It does not exit in time, or exits with another code.</exception>
    public async Task StopAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        PosixSignal.Terminate(process);
        using var limit = new CancellationTokenSource(_options.StopTimeout);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            await KillHardAsync();
            throw Failure($"did not leave within {_options.StopTimeout} after SIGTERM");
        }

        var code = process.ExitCode;
        Forget();
        if (code != 0)
        {
            throw Failure(string.Create(CultureInfo.InvariantCulture, $"left with exit code {code} after SIGTERM"));
        }
    }

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
    public Task RestartAsync() =>
        _process is null ? StartProcessAsync() : throw Failure("still runs: kill or stop it before a restart");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillHardAsync();
        _probe.Dispose();
        _scratch.Dispose();
    }

    private async Task StartProcessAsync()
    {
        string[] command = [.. _options.Command ?? ["dotnet", RepositoryLayout.ServerAssembly], .. Arguments()];
        if (_options.Command is null && !File.Exists(RepositoryLayout.ServerAssembly))
        {
            throw new InvalidOperationException($"The server is not built: {RepositoryLayout.ServerAssembly} does not exist.");
        }

        var start = new ProcessStartInfo(_options.Shell is null ? command[0] : "bash")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = _scratch.FullPath,
        };
        foreach (var argument in _options.Shell is { } script ? ["-c", script, "bash", .. command] : command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["TARN_ROOT_ACCESS_KEY"] = Endpoint.AccessKey;
        start.Environment["TARN_ROOT_SECRET_KEY"] = Endpoint.SecretKey;
        foreach (var (name, value) in _options.Environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => _output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => _output.Add(line.Data);
        process.Start();
        process.StandardInput.Close();
        if (_options.ReadsOutput)
        {
            process.BeginOutputReadLine();
        }

        if (_options.ReadsError)
        {
            process.BeginErrorReadLine();
        }

        _process = process;
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
        await WaitUntilReadyAsync(process);
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
        return [.. fixedPart, .. tls, .. _options.Arguments];
    }

    private async Task WaitUntilReadyAsync(Process process)
    {
        var waited = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (waited.Elapsed < _options.StartTimeout)
        {
            if (process.HasExited)
            {
                var code = process.ExitCode;
                await process.WaitForExitAsync();
                Forget();
                throw Failure(string.Create(CultureInfo.InvariantCulture, $"left with exit code {code} while starting"));
            }

            if (await IsReadyAsync())
            {
                return;
            }

            await tick.WaitForNextTickAsync();
        }

        await KillHardAsync();
        throw Failure($"was not ready within {_options.StartTimeout}");
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            using var answer = await _probe.GetAsync(new Uri(Control, "health/ready"), limit.Token);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Forget()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        _process?.Dispose();
        _process = null;
    }

    private void KillAtExit(object? sender, EventArgs e) => _process?.Kill();

    private InvalidOperationException Failure(string what) => new($"The server {what}. It wrote:\n{Output}");
}

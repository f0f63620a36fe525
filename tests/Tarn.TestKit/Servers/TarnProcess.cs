using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Tarn.TestKit.Servers;

/// <summary>A process of the program that serves until it is told to stop: started, awaited, killed or stopped, and started again. What it writes is kept.</summary>
/// <param name="what">What it is, for messages: "server".</param>
/// <param name="ready">The URL that answers 200 once it serves.</param>
/// <param name="startTimeout">How long a start may take.</param>
/// <param name="stopTimeout">How long it may take to drain and exit after SIGTERM.</param>
internal sealed class TarnProcess(string what, Uri ready, TimeSpan startTimeout, TimeSpan stopTimeout) : IAsyncDisposable
{
    private readonly ProcessOutput _output = new();
    private readonly HttpClient _probe = new(new SocketsHttpHandler { UseProxy = false });
    private Process? _process;

    /// <summary>What all runs of it wrote so far.</summary>
    public string Output => _output.ToString();

    /// <summary>The process id while it runs, else null.</summary>
    public int? Id => _process is { HasExited: false } running ? running.Id : null;

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="command">The program and its arguments; null: <c>tarn</c> as it was built with the tests.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="configure">Completes the settings of the process.</param>
    /// <param name="readsOutput">Whether anyone reads what it writes to standard output.</param>
    /// <param name="readsError">Whether anyone reads what it writes to standard error.</param>
    /// <exception cref="InvalidOperationException">It was not built, runs already, exited, or is not ready in time.</exception>
    public async Task StartAsync(
        IReadOnlyList<string>? command, IEnumerable<string> arguments, Action<ProcessStartInfo> configure, bool readsOutput = true, bool readsError = true)
    {
        if (_process is not null)
        {
            throw Failure("still runs: kill or stop it before a restart");
        }

        if (command is null && !File.Exists(RepositoryLayout.ServerAssembly))
        {
            throw new InvalidOperationException($"The {what} is not built: {RepositoryLayout.ServerAssembly} does not exist.");
        }

        string[] all = [.. command ?? ["dotnet", RepositoryLayout.ServerAssembly], .. arguments];
        var start = new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        configure(start);
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => _output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => _output.Add(line.Data);
        process.Start();
        process.StandardInput.Close();
        if (readsOutput)
        {
            process.BeginOutputReadLine();
        }

        if (readsError)
        {
            process.BeginErrorReadLine();
        }

        _process = process;
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
        await WaitUntilReadyAsync(process);
    }

    /// <summary>Ends it as a power cut would (SIGKILL) and waits until the process is gone.</summary>
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
        using var limit = new CancellationTokenSource(stopTimeout);
        await process.WaitForExitAsync(limit.Token);
        int code = process.ExitCode;
        Forget();
        return code;
    }

    /// <summary>Asks it to exit (SIGTERM) and expects exit code 0.</summary>
    /// <exception cref="InvalidOperationException">It does not exit in time, or exits with another code.</exception>
    public async Task StopAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        PosixSignal.Terminate(process);
        using var limit = new CancellationTokenSource(stopTimeout);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            await KillHardAsync();
            throw Failure($"did not leave within {stopTimeout} after SIGTERM");
        }

        var code = process.ExitCode;
        Forget();
        if (code != 0)
        {
            throw Failure(string.Create(CultureInfo.InvariantCulture, $"left with exit code {code} after SIGTERM"));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillHardAsync();
        _probe.Dispose();
    }

    private async Task WaitUntilReadyAsync(Process process)
    {
        var waited = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (waited.Elapsed < startTimeout)
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
        throw Failure($"was not ready within {startTimeout}");
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            using var answer = await _probe.GetAsync(ready, limit.Token);
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

    private InvalidOperationException Failure(string did) => new($"The {what} {did}. It wrote:\n{Output}");
}

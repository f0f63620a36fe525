using System.Globalization;
using System.Text.Json;
using Tarn.TestKit.Http;

namespace Tarn.TestKit.Servers;

/// <summary>
/// <c>tarn accelerate</c> as a child process in front of a <see cref="TarnServer"/>, with a token of its own: started on free ports, killed or stopped, started again on the same
/// cache and the same ports.
/// </summary>
public sealed class TarnAccelerator : IAsyncDisposable
{
    private readonly TarnAcceleratorOptions _options;
    private readonly TemporaryDirectory _scratch = new("accelerator");
    private readonly TarnServer _server;
    private readonly string _token;
    private readonly string? _peers;
    private readonly Uri _metrics;
    private readonly TestCertificates? _certificates;
    private readonly TarnProcess _process;

    private TarnAccelerator(TarnServer server, TarnAcceleratorOptions options, string token)
    {
        (_server, _options, _token) = (server, options, token);
        _certificates = options.Tls ? TestCertificates.Create(_scratch.FullPath) : null;
        Endpoint = server.Endpoint with { S3 = new Uri($"{(options.Tls ? "https" : "http")}://{NextAddress()}/"), AuthorityFile = _certificates?.AuthorityFile };
        _peers = options.Peers ? NextAddress() : null;
        _metrics = new Uri($"http://{NextAddress()}/");
        Cache = options.Cache ?? _scratch.PathOf("cache");
        _process = new TarnProcess("accelerator", new Uri(_metrics, "health/ready"), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30));
    }

    /// <summary>Its S3 address, with the server's credentials; it stays the same across restarts.</summary>
    public TarnEndpoint Endpoint { get; }

    /// <summary>The directory of its cache.</summary>
    public string Cache { get; }

    /// <summary>What all runs of it wrote so far.</summary>
    public string Output => _process.Output;

    /// <summary>Creates a token, starts an accelerator and waits until it has registered.</summary>
    /// <exception cref="InvalidOperationException">It was not built, exited, or is not ready in time.</exception>
    public static async Task<TarnAccelerator> StartAsync(TarnServer server, TarnAcceleratorOptions? options = null)
    {
        options ??= new TarnAcceleratorOptions();
        var accelerator = new TarnAccelerator(server, options, await NewTokenAsync(server, options));
        try
        {
            await accelerator.RestartAsync();
            return accelerator;
        }
        catch
        {
            await accelerator.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it as a power cut would (SIGKILL) and waits until the process is gone.</summary>
    public Task KillHardAsync() => _process.KillHardAsync();

    /// <summary>Asks it to exit (SIGTERM) and expects exit code 0.</summary>
    /// <exception cref="InvalidOperationException">It does not exit in time, or exits with another code.</exception>
    public Task StopAsync() => _process.StopAsync();

    /// <summary>Starts it again on the same cache and ports, after a kill or a stop, and waits until it has registered.</summary>
    /// <exception cref="InvalidOperationException">It is still running, or does not become ready.</exception>
    public Task RestartAsync() => _process.StartAsync(null, Arguments(), start =>
    {
        start.WorkingDirectory = _scratch.FullPath;
        start.Environment["TARN_TOKEN"] = _token;
        foreach ((string name, string? value) in _options.Environment)
        {
            start.Environment[name] = value;
        }
    });

    /// <summary>The value of a metric, summed over all series whose labels have this text; 0 if there is none.</summary>
    public async Task<double> MetricAsync(string name, string labels = "")
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        return (await http.GetStringAsync(new Uri(_metrics, "metrics"))).Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is '{' or ' ' && line.Contains(labels, StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _scratch.Dispose();
    }

    private static string NextAddress() => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.Next()}");

    private static async Task<string> NewTokenAsync(TarnServer server, TarnAcceleratorOptions options)
    {
        var control = new RawClient(server.Endpoint with { S3 = server.Control });
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["name"] = options.Name, ["zone"] = options.Zone });
        RawResponse made = (await control.SendAsync(
            "POST", "/api/accelerators/tokens", [("Content-Type", "application/json")], body, signer: control.Signer(service: "tarn"))).Expect(201);
        using JsonDocument document = JsonDocument.Parse(made.Body);
        return document.RootElement.GetProperty("data").GetProperty("token").GetString()!;
    }

    private IEnumerable<string> Arguments() =>
    [
        "accelerate",
        "--upstream", _server.Accelerators!.GetLeftPart(UriPartial.Authority),
        "--cache", Cache,
        "--cache-size", "256MiB",
        "--cache-memory", "128",
        "--s3", Endpoint.S3.Authority,
        "--metrics", _metrics.Authority,
        "--name", _options.Name,
        "--zone", _options.Zone,
        .. _options.Domain is { } domain ? (string[])["--domain", domain] : [],
        .. _peers is { } peers ? (string[])["--peers", peers] : [],
        .. _certificates is { } files ? (string[])["--tls-cert", files.CertificateFile, "--tls-key", files.KeyFile] : [],
        .. _server.Endpoint.AuthorityFile is { } authority ? (string[])["--upstream-ca", authority] : [],
        .. _options.Arguments,
    ];
}

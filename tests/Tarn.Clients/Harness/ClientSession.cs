using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Harness;

/// <summary>
/// One test's use of one program: a home directory of its own, a bucket name of its own, and an environment that
/// holds the endpoint's credentials and nothing of the machine's own configuration.
/// </summary>
public sealed class ClientSession : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(150);
    private static readonly string[] Removed =
    [
        "AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE",
        "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "NODE_OPTIONS", "PYTHONPATH", "PYTHONHOME", "http_proxy",
        "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
    ];

    private readonly ClientServers _servers;
    private readonly TemporaryDirectory _home = new("client");

    private ClientSession(ClientServers servers, TarnEndpoint endpoint, string name)
    {
        _servers = servers;
        Endpoint = endpoint;
        Bucket = $"{name}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}";
        Raw = new RawS3Client(endpoint);
    }

    /// <summary>The endpoint the program talks to.</summary>
    public TarnEndpoint Endpoint { get; }

    /// <summary>A bucket name nobody else uses; the bucket does not exist yet.</summary>
    public string Bucket { get; }

    /// <summary>A client that shows what the program really did.</summary>
    public RawS3Client Raw { get; }

    /// <summary>The program's home and working directory.</summary>
    public string Home => _home.FullPath;

    /// <summary>Further environment variables.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Opens a session.</summary>
    /// <param name="servers">The shared servers.</param>
    /// <param name="name">A short lower-case word for the bucket's name.</param>
    /// <param name="scheme"><c>http</c> or <c>https</c>.</param>
    public static async Task<ClientSession> OpenAsync(ClientServers servers, string name, string scheme = "http") =>
        new(servers, await servers.EndpointAsync(scheme), name);

    /// <summary>Opens a session with another endpoint than the shared servers'.</summary>
    public static ClientSession At(ClientServers servers, TarnEndpoint endpoint, string name) => new(servers, endpoint, name);

    /// <summary>The path of a file beside this project's sources.</summary>
    public static string Script(params string[] names) =>
        Path.Combine([RepositoryLayout.Root, "tests", "Tarn.Clients", .. names]);

    /// <summary>Writes a file below the home directory and returns its path.</summary>
    public string Write(string name, byte[] content)
    {
        var path = Path.Combine(Home, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Runs a program to its end; the test fails unless it exits with 0.</summary>
    public async Task<ProgramResult> RunAsync(string program, params string[] arguments)
    {
        var result = await TryRunAsync(program, arguments);
        Assert.True(
            result.ExitCode == 0,
            $"""
            {Path.GetFileName(program)} {string.Join(' ', arguments)}
            exit code {result.ExitCode.ToString(CultureInfo.InvariantCulture)}
            {result.StandardOutput}
            {result.StandardError}
            server:
            {_servers.Output(Endpoint)}
            """
        );
        return result;
    }

    /// <summary>Runs a program to its end, whatever its exit code.</summary>
    public async Task<ProgramResult> TryRunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Home,
        };
        Fill(start.Environment);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end within {Limit}:\n{await output}\n{await error}");
        }

        return new ProgramResult(process.ExitCode, await output, await error);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Raw.Dispose();
        _home.Dispose();
    }

    private void Fill(IDictionary<string, string?> environment)
    {
        foreach (var name in Removed)
        {
            environment.Remove(name);
        }

        environment["HOME"] = Home;
        environment["NO_PROXY"] = "*";
        environment["LC_ALL"] = "C.UTF-8";
        environment["PYTHONDONTWRITEBYTECODE"] = "1";
        environment["AWS_ACCESS_KEY_ID"] = Endpoint.AccessKey;
        environment["AWS_SECRET_ACCESS_KEY"] = Endpoint.SecretKey;
        environment["AWS_DEFAULT_REGION"] = Endpoint.Region;
        environment["AWS_REGION"] = Endpoint.Region;
        environment["AWS_EC2_METADATA_DISABLED"] = "true";
        environment["AWS_CONFIG_FILE"] = Path.Combine(Home, "aws-config");
        environment["AWS_SHARED_CREDENTIALS_FILE"] = Path.Combine(Home, "aws-credentials");
        environment["S3_ENDPOINT"] = Endpoint.Address;
        environment["S3_BUCKET"] = Bucket;
        if (Endpoint.AuthorityFile is { } authority)
        {
            environment["AWS_CA_BUNDLE"] = authority;
            environment["NODE_EXTRA_CA_CERTS"] = authority;
        }

        foreach (var (name, value) in Environment)
        {
            environment[name] = value;
        }
    }
}

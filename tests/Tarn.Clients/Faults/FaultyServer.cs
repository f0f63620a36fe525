using System.Globalization;
using System.Net;
using Tarn.TestKit.Faults;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Faults;

/// <summary>The real server with the library that makes its file calls fail, one bucket, and objects whose bytes are known.</summary>
internal sealed class FaultyServer : IAsyncDisposable
{
    public const string Bucket = "faults";

    private readonly TemporaryDirectory _directory = new("faulty");
    private FaultInjection? _faults;
    private TarnServer? _server;
    private RawS3Client? _client;

    public FaultInjection Faults => _faults!;

    public TarnServer Server => _server!;

    public RawS3Client Client => _client!;

    public string Data => _directory.PathOf("data");

    /// <summary>Every file of a blob, and of one that is being written, by its path below the data directory.</summary>
    public string[] BlobFiles =>
        [
            .. Directory.EnumerateDirectories(Path.Combine(Data, "blobs"))
                .SelectMany(d => Directory.EnumerateFiles(d, "*", SearchOption.AllDirectories))
                .Select(f => Path.GetRelativePath(Data, f)),
        ];

    public static async Task<FaultyServer> StartAsync(bool journal = false, params string[] arguments)
    {
        FaultShim.Need();
        var faulty = new FaultyServer();
        try
        {
            faulty._faults = new FaultInjection(faulty.Data, journal);
            faulty._server = await TarnServer.StartAsync(
                new TarnServerOptions { DataDirectory = faulty.Data, Environment = faulty.Faults.Environment, Arguments = arguments });
            Assert.True(faulty.Faults.IsAttached);
            faulty._client = new RawS3Client(faulty._server.Endpoint);
            await faulty._client.CreateBucketAsync(Bucket);
            return faulty;
        }
        catch
        {
            await faulty.DisposeAsync();
            throw;
        }
    }

    /// <summary>Bytes that differ at every offset and by their seed.</summary>
    public static byte[] Content(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public async Task PutAsync(string key, byte[] content) => (await Client.PutAsync(Bucket, key, content)).Expect();

    public async Task AssertIsAsync(string key, byte[] content)
    {
        var got = await Client.GetAsync(Bucket, key);
        Assert.Equal(HttpStatusCode.OK, got.Status);
        Assert.True(content.AsSpan().SequenceEqual(got.Body), $"{key} has other bytes than were put");
    }

    public async Task AssertAbsentAsync(string key) => Assert.Equal(HttpStatusCode.NotFound, (await Client.GetAsync(Bucket, key)).Status);

    /// <summary>Waits until there are so many blob files and no more: what was abandoned is removed in the background.</summary>
    public async Task AssertBlobFilesAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (BlobFiles.Length != count)
        {
            try
            {
                await tick.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"There should be {count} files, and there are: {string.Join(", ", BlobFiles)}");
            }
        }
    }

    /// <summary>Waits until the metric has this value, which may be as soon as the scrape that the server answers from its cache is over.</summary>
    public async Task AssertMetricAsync(double expected, string name)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        string? value = null;
        do
        {
            value = (await http.GetStringAsync(new Uri(Server.Control, "metrics"), limit.Token)).Split('\n')
                .SingleOrDefault(line => line.StartsWith(name + "{", StringComparison.Ordinal))?.Split(' ')[^1];
            if (value is not null && double.Parse(value, CultureInfo.InvariantCulture) == expected)
            {
                return;
            }
        }
        while (await tick.WaitForNextTickAsync(CancellationToken.None) && !limit.IsCancellationRequested);
        Assert.Fail($"{name} is {value ?? "not there"}, not {expected}");
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _faults?.Dispose();
        _directory.Dispose();
    }
}

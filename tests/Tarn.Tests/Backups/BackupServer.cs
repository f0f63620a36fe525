using System.Text.Json;
using Amazon.S3;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core;
using Tarn.Core.Buckets;
using Tarn.Core.Maintenance;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.Server;
using Tarn.Server.Background;
using Tarn.Server.Backups;
using Tarn.Server.Cli;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;
using Tarn.TestKit.Hosting;
using Tarn.Tests.Control;
using Tarn.Tests.Mirroring;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>A server in this process on a real data directory, which does work on backups, and a place for them.</summary>
internal sealed class BackupServer : IAsyncDisposable
{
    private readonly string _temporary;
    private readonly DataDirectory? _data;
    private readonly InProcessServer _server;
    private readonly ControlApiClient _client;

    private BackupServer(string temporary, DataDirectory? data, InProcessServer server, FakeTimeProvider clock)
    {
        (_temporary, _data, _server, Clock) = (temporary, data, server, clock);
        _client = new ControlApiClient(server.ControlUrl);
    }

    public FakeTimeProvider Clock { get; }

    public string Data => PathOf("data");

    public string Url => _server.ControlUrl;

    public string S3Url => _server.S3Url;

    public string Root => Path.Combine(_temporary, "backups");

    /// <summary>The place that backups go to.</summary>
    public string Target => Path.Combine(Root, "daily");

    public ObjectStore Objects => _server.Get<ObjectStore>();

    public BackupJobs Jobs => _server.Get<BackupJobs>();

    public T Get<T>()
        where T : notnull => _server.Get<T>();

    /// <param name="taken">Runs between a checkpoint and its copies.</param>
    /// <param name="shortage">Says what runs short, given whether blobs are kept that would have been removed.</param>
    /// <param name="root">Whether there is a directory for backups.</param>
    /// <param name="s3">Makes the client of a bucket for backups; null: there is none.</param>
    public static async Task<BackupServer> StartAsync(
        Func<BackupServer, CancellationToken, ValueTask>? taken = null, Func<bool, string?>? shortage = null, bool root = true, Func<IAmazonS3>? s3 = null)
    {
        string temporary = CreateDirectories();
        DataDirectory data = DataDirectory.Open(Path.Combine(temporary, "data"), SystemRandomSource.Instance);
        data.RaiseFormat();
        var metadata = RocksDbKeyValueStore.Open(data.Metadata, new RocksDbOptions { SyncWrites = false });
        var setup = new InProcessSetup
        {
            Metadata = metadata,
            Blobs = new FileBlobStore(data.Blobs, fsync: false),
            Devices = [new StoreDevices(() => metadata, data.Root)],
        };
        return await StartAsync(temporary, data, setup, taken, shortage, root, s3);
    }

    /// <summary>The same with a mirror in a directory beside the data; both sides have everything.</summary>
    public static async Task<BackupServer> StartMirroredAsync()
    {
        string temporary = CreateDirectories();
        var options = InProcessServer.Options with { Data = Path.Combine(temporary, "data"), Mirror = Path.Combine(temporary, "mirror"), Durability = Durability.Relaxed };
        using var log = new EventLog();
        Engines engines = await Engines.OpenAsync(options, SystemRandomSource.Instance, TimeProvider.System, 100, log, StoreFixture.Token);
        await log.WhenAsync(EventIds.MirrorFilled);
        return await StartAsync(temporary, data: null, new InProcessSetup { Engines = engines }, taken: null, shortage: null, root: true, s3: null);
    }

    private static string CreateDirectories()
    {
        string temporary = Directory.CreateTempSubdirectory("tarn-backup-").FullName;
        Directory.CreateDirectory(Path.Combine(temporary, "backups"));
        return temporary;
    }

    private static async Task<BackupServer> StartAsync(
        string temporary,
        DataDirectory? data,
        InProcessSetup setup,
        Func<BackupServer, CancellationToken, ValueTask>? taken,
        Func<bool, string?>? shortage,
        bool root,
        Func<IAmazonS3>? s3)
    {
        string own = Path.Combine(temporary, "data");
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        BackupServer? made = null;
        InProcessServer server = await InProcessServer.StartAsync(setup with
        {
            DataPath = own,
            Time = clock,
            Options = InProcessServer.Options with { BackupRoots = [.. root ? [Path.Combine(temporary, "backups")] : Array.Empty<string>(), .. s3 is null ? Array.Empty<string>() : ["s3://backups/tarn"]] },
            More = builder => builder.Services
                .AddHostedService<BackupService>()
                .AddSingleton(provider => new BackupPlaces(provider.GetRequiredService<ServerOptions>().BackupRoots, own)
                {
                    S3 = s3 ?? S3Target.CreateClient,
                    Objects = provider.GetRequiredService<ObjectStore>(),
                })
                .AddSingleton(provider => new BackupRunner(
                    provider.GetRequiredService<ServerOptions>(),
                    provider.GetRequiredService<Engines>(),
                    provider.GetRequiredService<BackupPlaces>(),
                    provider.GetRequiredService<ReclaimWorker>(),
                    clock)
                {
                    CheckpointTaken = taken is null ? null : token => taken(made!, token),
                    Shortage = shortage ?? (static _ => null),
                }),
        });
        return made = new BackupServer(temporary, data, server, clock);
    }

    /// <summary>A directory beside the data directory.</summary>
    public string PathOf(string name) => Path.Combine(_temporary, name);

    public async Task<Bucket> BucketAsync(string name = "bucket") =>
        await Objects.Buckets.FindAsync(StoreFixture.Name(name), StoreFixture.Token) ?? (await Objects.Buckets.CreateAsync(StoreFixture.Name(name), "owner", "Owner", "us-east-1", StoreFixture.Token))!;

    public async Task PutAsync(Bucket bucket, string key, byte[] bytes) => await Objects.Writer.PutAsync(
        bucket, StoreFixture.Key(key), "owner", ObjectMetadata.Empty, new TestBody(bytes), new IngestRequest(), WriteCondition.None, StoreFixture.Token);

    public async Task DeleteAsync(Bucket bucket, string key) => await Objects.Deleter.DeleteAsync(bucket, StoreFixture.Key(key), null, "owner", DeleteCondition.None, StoreFixture.Token);

    /// <summary>Lets the grace period pass, and removes what nothing refers to.</summary>
    public async Task ReclaimAsync()
    {
        Clock.Advance(StoreFixture.Grace + TimeSpan.FromSeconds(1));
        await Get<ReclaimWorker>().RunOnceAsync(null, StoreFixture.Token);
    }

    /// <summary>The files of blobs in the data directory.</summary>
    public string[] BlobFiles() => Blobs(Data);

    /// <summary>The files of blobs below a directory.</summary>
    public static string[] Blobs(string directory) =>
        [.. Directory.EnumerateFiles(Path.Combine(directory, "blobs"), "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path).Length == 32).Order(StringComparer.Ordinal)];

    /// <summary>Begins a job and returns it when it has ended.</summary>
    public async Task<BackupJob> RunAsync(string method, string path, string? body)
    {
        await _client.DataAsync(ControlServer.Root, method, path, body);
        BackupJob job = Jobs.Last!;
        await job.Ended.WaitAsync(TimeSpan.FromMinutes(1), StoreFixture.Token);
        return job;
    }

    /// <summary>Makes a backup.</summary>
    /// <param name="options">More members of the body: <c>"metadataOnly":true</c>.</param>
    public async Task<BackupJob> CreateAsync(string options = "")
    {
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        return await RunAsync("POST", "/api/backups", $$"""{"target":"daily"{{(options.Length > 0 ? "," : "")}}{{options}}}""");
    }

    public Task<JsonElement> DataAsync(string method, string path, string? body = null) => _client.DataAsync(ControlServer.Root, method, path, body);

    public Task<string> RefusalAsync(int expected, Signer? signer, string method, string path, string? body = null) => _client.RefusalAsync(expected, signer, method, path, body);

    public Task<Signer> OrganizationAsync(string name) => _client.OrganizationAsync(name);

    /// <summary>Runs a command of the program, without a server.</summary>
    public static async Task<(int Code, string Output, string Error)> CommandAsync(params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        int code = await CommandRunner.RunAsync(TarnCommand.Create(new Dictionary<string, string>(), TimeProvider.System), args, output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Restores the newest backup into a new directory, whose check finds nothing, and returns it.</summary>
    public async Task<string> RestoreAsync(params string[] options)
    {
        string restored = PathOf(Path.GetRandomFileName());
        (int code, string output, string error) = await CommandAsync(["backup", "restore", Target, "--data", restored, "--without-master-key", .. options]);
        Assert.True(code == 0, output + error);
        (code, output, error) = await CommandAsync("fsck", "--data", restored);
        Assert.True(code == 0, output + error);
        return restored;
    }

    /// <summary>Opens the store in a data directory on which no server runs, for as long as the work takes.</summary>
    public static async Task OpenAsync(string data, Func<ObjectStore, Task> work)
    {
        await using var rows = RocksDbKeyValueStore.Open(Path.Combine(data, "meta"), new RocksDbOptions { SyncWrites = false });
        await using var blobs = new FileBlobStore(Path.Combine(data, "blobs"), fsync: false);
        await work(new ObjectStore(rows, blobs, TimeProvider.System, SystemRandomSource.Instance, new ObjectStoreOptions()));
    }

    /// <summary>The bytes of an object.</summary>
    public static async Task<byte[]> ReadAsync(ObjectStore store, string key, string bucket = "bucket")
    {
        Bucket found = await store.Buckets.GetAsync(StoreFixture.Name(bucket), StoreFixture.Token);
        (StoredObject? stored, var opened) = await store.Reader.OpenAsync(found, StoreFixture.Key(key), null, StoreFixture.Token);
        await using var content = opened!;
        return await StoreFixture.ReadAsync(content, 0, (int)stored!.Size);
    }

    /// <summary>Copies the files below a directory.</summary>
    public static void CopyDirectory(string from, string to)
    {
        foreach (string path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _data?.Dispose();
        Directory.Delete(_temporary, recursive: true);
    }
}

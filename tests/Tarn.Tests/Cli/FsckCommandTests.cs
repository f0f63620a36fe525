using System.Text.Json;
using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core;
using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Cli;

/// <summary>tarn fsck on real data directories.</summary>
public sealed class FsckCommandTests : IDisposable
{
    private readonly string _temporary = Directory.CreateTempSubdirectory("tarn-fsck-").FullName;

    private string Data => Path.Combine(_temporary, "data");

    public void Dispose()
    {
        MakeWritable(true);
        Directory.Delete(_temporary, recursive: true);
    }

    [Fact]
    public async Task A_clean_store_is_0_a_damaged_one_1_and_what_is_wrong_is_named()
    {
        await FillAsync();
        (int code, string output, _) = await RunAsync("fsck", "--data", Data);
        Assert.Equal((0, "No problems."), (code, output.TrimEnd('\n').Split('\n')[^1]));
        FlipInLargestBlob();
        (code, output, _) = await RunAsync("fsck", "--data", Data);
        Assert.Equal(1, code);
        Assert.StartsWith("damaged bucket/large: One block does not match the checksum, from byte 65536 on. [data ", output, StringComparison.Ordinal);
        Assert.EndsWith("1 problem.\n", output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("fsck", "--data", Data, "--quick")).Code);
    }

    [Fact]
    public async Task The_report_is_one_JSON_document()
    {
        await FillAsync();
        JsonElement clean = JsonDocument.Parse((await RunAsync("fsck", "--data", Data, "--json")).Output).RootElement;
        Assert.Equal((0, 2L, false), (clean.GetProperty("problems").GetArrayLength(), clean.GetProperty("summary").GetProperty("objects").GetInt64(), clean.GetProperty("summary").GetProperty("incomplete").GetBoolean()));
        foreach (string blob in Blobs())
        {
            File.Delete(blob);
        }

        JsonElement damaged = JsonDocument.Parse((await RunAsync("fsck", "--data", Data, "--json")).Output).RootElement;
        JsonElement problem = Assert.Single(damaged.GetProperty("problems").EnumerateArray().ToArray());
        Assert.Equal(("missing", "bucket", "large"), (problem.GetProperty("kind").GetString(), problem.GetProperty("bucket").GetString(), problem.GetProperty("key").GetString()));
        Assert.Equal(1, damaged.GetProperty("summary").GetProperty("problems").GetInt64());
    }

    [Fact]
    public async Task Nothing_is_changed_and_a_copy_may_be_read_only()
    {
        await FillAsync();
        Dictionary<string, string> before = Image();
        MakeWritable(false);
        Assert.Equal(0, (await RunAsync("fsck", "--data", Data)).Code);
        MakeWritable(true);
        Assert.Equal(before, Image());
    }

    [Fact]
    public async Task What_cannot_be_checked_is_2()
    {
        await RefusedAsync("there is no store in", "fsck", "--data", Data);
        await FillAsync();
        using (DataDirectory.Open(Data, SystemRandomSource.Instance))
        {
            await RefusedAsync("is in use by a server", "fsck", "--data", Data);
            await RefusedAsync("is in use by a server", "fsck", "--data", Data, "--rebuild", "--into", Path.Combine(_temporary, "new"));
        }

        await RefusedAsync("--rebuild and --into NEWDIR go together", "fsck", "--data", Data, "--rebuild");
        await RefusedAsync("must not be in", "fsck", "--data", Data, "--rebuild", "--into", Path.Combine(Data, "new"));
        await RefusedAsync("is not empty", "fsck", "--data", Data, "--rebuild", "--into", _temporary);
        File.WriteAllText(Path.Combine(Data, "format"), "1000\n");
        await RefusedAsync("newer than this build reads", "fsck", "--data", Data);
        File.Delete(Path.Combine(Data, "format"));
        Directory.Delete(Path.Combine(Data, "meta"), recursive: true);
        await RefusedAsync("there is no metadata in", "fsck", "--data", Data);
    }

    [Fact]
    public async Task A_store_without_metadata_is_rebuilt_elsewhere_from_its_blobs()
    {
        await FillAsync();
        Directory.Delete(Path.Combine(Data, "meta"), recursive: true);
        Dictionary<string, string> before = Image();
        string made = Path.Combine(_temporary, "new");
        (int code, string output, string error) = await RunAsync("fsck", "--data", Data, "--rebuild", "--into", made);
        Assert.Equal((0, "1 object and versions of 100,000 bytes in 1 bucket, 0 of them made of parts; 1 blob copied, 0 linked, 0 not placed.\n", ""), (code, output, error));
        Assert.Equal(before, Image());
        Assert.Equal(0, (await RunAsync("fsck", "--data", made)).Code);
        Assert.NotNull(new KeptOrphans(made).Reason);
        using RocksDbStores stores = RocksDbStores.Open(made);
        Bucket bucket = await stores.Store.Buckets.GetAsync(StoreFixture.Name("recovered-bucket"), StoreFixture.Token);
        await using var content = (await stores.Store.Reader.OpenAsync(bucket, StoreFixture.Key("large"), null, StoreFixture.Token)).Content!;
        Assert.Equal(StoreFixture.Bytes(100_000), await StoreFixture.ReadAsync(content, 0, 100_000));
    }

    [Fact]
    public async Task Blobs_are_linked_when_that_is_asked_for()
    {
        await FillAsync();
        string made = Path.Combine(_temporary, "new");
        (int code, string output, _) = await RunAsync("fsck", "--data", Data, "--rebuild", "--into", made, "--link");
        Assert.Equal((0, true), (code, output.Contains("0 blobs copied, 1 linked", StringComparison.Ordinal)));
        await RefusedAsync("--link goes with them", "fsck", "--data", Data, "--link");
    }

    [Fact]
    public async Task A_symbolic_link_does_not_lead_a_rebuild_into_its_source()
    {
        await FillAsync();
        string link = Path.Combine(_temporary, "link");
        File.CreateSymbolicLink(link, Data);
        await RefusedAsync("must not be in", "fsck", "--data", Data, "--rebuild", "--into", Path.Combine(link, "new"));
        await RefusedAsync("must not be in", "fsck", "--data", link, "--rebuild", "--into", Path.Combine(Data, "new"));
        string made = Path.Combine(_temporary, "new");
        await RebuildDirectory.Open(made, Data, SystemRandomSource.Instance).DisposeAsync();
        Directory.Delete(Path.Combine(made, "blobs"), recursive: true);
        File.CreateSymbolicLink(Path.Combine(made, "blobs"), Path.Combine(Data, "blobs"));
        await RefusedAsync("are one directory", "fsck", "--data", Data, "--rebuild", "--into", made);
        Assert.Single(Blobs());
    }

    [Fact]
    public async Task Files_and_directories_that_cannot_be_read_are_named_and_the_rest_is_checked()
    {
        await FillAsync();
        FlipInLargestBlob();
        string blob = Assert.Single(Blobs());
        string directory = Path.GetDirectoryName(blob)!;
        string loop = Path.Combine(directory, Path.GetFileName(directory) + new string('0', 30));
        File.CreateSymbolicLink(loop, loop);
        string other = Directory.EnumerateDirectories(Path.Combine(Data, "blobs"), "??").First(path => path != directory);
        Directory.Delete(other);
        File.WriteAllText(other, "");
        (int code, string output, _) = await RunAsync("fsck", "--data", Data);
        Assert.Equal(1, code);
        Assert.Contains(loop, output, StringComparison.Ordinal);
        Assert.Contains(other, output, StringComparison.Ordinal);
        Assert.Contains("damaged bucket/large", output, StringComparison.Ordinal);
        Assert.EndsWith("3 problems.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_that_cannot_be_opened_is_a_finding_with_a_remedy()
    {
        await FillAsync();
        foreach (string manifest in Directory.EnumerateFiles(Path.Combine(Data, "meta"), "MANIFEST-*"))
        {
            File.WriteAllBytes(manifest, new byte[100]);
        }

        JsonElement report = JsonDocument.Parse((await RunAsync("fsck", "--data", Data, "--json")).Output).RootElement;
        JsonElement problem = Assert.Single(report.GetProperty("problems").EnumerateArray().ToArray());
        Assert.Equal("metadata", problem.GetProperty("kind").GetString());
        Assert.Contains("fsck --rebuild", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("fsck", "--data", Data)).Code);
    }

    [Fact]
    public async Task An_unfinished_rebuild_is_continued_and_no_server_starts_on_it()
    {
        await FillAsync();
        string made = Path.Combine(_temporary, "new");
        await RebuildDirectory.Open(made, Data, SystemRandomSource.Instance).DisposeAsync();
        StartupException refused = Assert.Throws<StartupException>(() => DataDirectory.Open(made, SystemRandomSource.Instance));
        Assert.Contains("unfinished rebuild", refused.Message, StringComparison.Ordinal);
        string other = Path.Combine(_temporary, "other");
        Directory.CreateDirectory(Path.Combine(other, "blobs"));
        await RefusedAsync("has an unfinished rebuild from", "fsck", "--data", other, "--rebuild", "--into", made);
        Assert.Equal(0, (await RunAsync("fsck", "--data", Data, "--rebuild", "--into", made)).Code);
        DataDirectory.Open(made, SystemRandomSource.Instance).Dispose();
    }

    private async Task FillAsync()
    {
        using (DataDirectory data = DataDirectory.Open(Data, SystemRandomSource.Instance))
        {
            data.RaiseFormat();
        }

        using RocksDbStores stores = RocksDbStores.Open(Data);
        Bucket bucket = (await stores.Store.Buckets.CreateAsync(StoreFixture.Name("bucket"), "owner", "Owner", "us-east-1", StoreFixture.Token))!;
        foreach ((string key, int size) in new[] { ("small", 100), ("large", 100_000) })
        {
            await stores.Store.Writer.PutAsync(
                bucket, StoreFixture.Key(key), "owner", ObjectMetadata.Empty, new TestBody(StoreFixture.Bytes(size)), new IngestRequest(), WriteCondition.None, StoreFixture.Token);
        }
    }

    private IEnumerable<string> Blobs() => Directory.EnumerateFiles(Path.Combine(Data, "blobs"), "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path).Length == 32);

    private void FlipInLargestBlob()
    {
        string path = Assert.Single(Blobs());
        byte[] bytes = File.ReadAllBytes(path);
        bytes[70_000] ^= 4;
        File.WriteAllBytes(path, bytes);
    }

    private Dictionary<string, string> Image() => Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories)
        .ToDictionary(path => path, path => $"{File.GetLastWriteTimeUtc(path):O} {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))}");

    private void MakeWritable(bool isWritable)
    {
        if (!OperatingSystem.IsWindows() && Directory.Exists(Data))
        {
            foreach (string path in Directory.EnumerateDirectories(Data, "*", SearchOption.AllDirectories).Append(Data))
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | (isWritable ? UnixFileMode.UserWrite : 0));
            }
        }
    }

    private static async Task RefusedAsync(string reason, params string[] args)
    {
        (int code, string output, string error) = await RunAsync(args);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("tarn: ", error, StringComparison.Ordinal);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandRunner.RunAsync(TarnCommand.Create(new Dictionary<string, string>(), TimeProvider.System), args, output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>The stores of a data directory, open.</summary>
    private sealed class RocksDbStores : IDisposable
    {
        private readonly RocksDbKeyValueStore _rows;
        private readonly FileBlobStore _blobs;

        private RocksDbStores(string root)
        {
            _rows = RocksDbKeyValueStore.Open(Path.Combine(root, "meta"), new RocksDbOptions { SyncWrites = false });
            _blobs = new FileBlobStore(Path.Combine(root, "blobs"), fsync: false);
            Store = new ObjectStore(_rows, _blobs, TimeProvider.System, SystemRandomSource.Instance, new ObjectStoreOptions());
        }

        public ObjectStore Store { get; }

        public static RocksDbStores Open(string root) => new(root);

        public void Dispose()
        {
            _rows.DisposeAsync().AsTask().GetAwaiter().GetResult();
            _blobs.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}

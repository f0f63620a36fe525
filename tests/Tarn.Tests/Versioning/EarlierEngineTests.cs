using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core;
using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Versioning;

/// <summary>
/// A data directory that RocksDB 7.8 wrote is opened by today's: Golden/data-rocksdb-7.8.tar.gz is what a server of format 2
/// left when it was killed, after two that were stopped normally. It has tables in LZ4, blob files, and a log to replay.
/// </summary>
public sealed class EarlierEngineTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tarn-engine-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Metadata => Path.Combine(_directory, "meta");

    public async ValueTask InitializeAsync()
    {
        await using FileStream packed = File.OpenRead(Path.Combine(RepositoryLayout.Root, "tests/Tarn.Tests/Golden/data-rocksdb-7.8.tar.gz"));
        await using var tar = new GZipStream(packed, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(tar, _directory, overwriteFiles: false, Token);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return default;
    }

    [Fact]
    public void It_has_tables_blob_files_and_a_log()
    {
        Assert.All((string[])["*.sst", "*.blob", "*.log"], pattern => Assert.Contains(
            new DirectoryInfo(Metadata).GetFiles(pattern), file => file.Length > 0));
        string options = File.ReadAllText(Directory.GetFiles(Metadata, "OPTIONS-*").Max()!);
        Assert.Contains("rocksdb_version=7.8.", options, StringComparison.Ordinal);
        Assert.Contains("compression=kLZ4Compression", options, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_reads_as_it_was_written_and_goes_on()
    {
        SortedDictionary<string, string> expected = Expected();
        await CheckAsync(expected, async (store, bucket) =>
        {
            await store.Deleter.DeleteAsync(bucket, VersionedBucket.Key("small/001"), null, bucket.OwnerId, DeleteCondition.None, Token);
            expected.Remove("small/001");
            await store.Writer.PutAsync(
                bucket, VersionedBucket.Key("small/002"), bucket.OwnerId, ObjectMetadata.Empty, new MemoryBody(Encoding.UTF8.GetBytes(Lines("new", 900))),
                new IngestRequest(), WriteCondition.None, Token);
            expected["small/002"] = Lines("new", 900);
        });

        // The log of 7.8 is flushed by now, and what was written since is in tables of today's.
        await CheckAsync(expected, (_, _) => Task.CompletedTask);
    }

    private static SortedDictionary<string, string> Expected()
    {
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["file/0"] = Lines("file/0", 3000), ["file/1"] = Lines("file/1", 3000) };
        for (int i = 1; i < 150; i++)
        {
            expected[Name("small", i, 3)] = Lines(Name(i < 100 ? "small" : "second", i, 3), 3);
        }

        for (int i = 0; i < 30; i++)
        {
            expected[Name("inline", i, 2)] = Lines(Name(i < 10 ? "inline" : i is >= 20 and < 25 ? "third" : "second", i, 2), 500);
        }

        for (int i = 0; i < 20; i++)
        {
            expected[Name("log", i, 2)] = Lines(Name("log", i, 2), 3);
        }

        return expected;
    }

    private async Task CheckAsync(SortedDictionary<string, string> expected, Func<ObjectStore, Bucket, Task> thenAsync)
    {
        await using RocksDbKeyValueStore rows = RocksDbKeyValueStore.Open(Metadata, new RocksDbOptions { SyncWrites = false });
        await using var blobs = new FileBlobStore(Path.Combine(_directory, "blobs"), fsync: false);
        var store = new ObjectStore(rows, blobs, TimeProvider.System, SystemRandomSource.Instance, new ObjectStoreOptions());
        Bucket bucket = await store.Buckets.GetAsync(BucketName.FromStorage("fixture"), Token);
        ObjectPage page = await store.Lister.ListAsync(bucket, new ListQuery(), Token);
        Assert.Equal(expected.Keys, page.Objects.Select(found => found.Key.ToString()));
        foreach ((string key, string content) in expected)
        {
            (StoredObject? found, IObjectContent? body) = await store.Reader.OpenAsync(bucket, VersionedBucket.Key(key), null, Token);
            await using (body)
            {
                Assert.Equal(content, Encoding.UTF8.GetString(await VersionedBucket.ReadAsync(body!)));
            }

            Assert.NotNull(found);
        }

        await thenAsync(store, bucket);
    }

    private static string Name(string prefix, int i, int digits) => $"{prefix}/{i.ToString($"d{digits}", CultureInfo.InvariantCulture)}";

    private static string Lines(string word, int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{word} {i}\n")));
}

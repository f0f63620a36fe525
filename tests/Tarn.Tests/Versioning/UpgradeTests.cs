using System.Formats.Tar;
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
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Versioning;

/// <summary>
/// A data directory of version 0.1-a, from before buckets kept versions, is opened by today's code: Golden/data-0.1-a.tar.gz
/// holds the metadata and blobs that the server of then wrote through its S3 endpoint.
/// </summary>
public sealed class UpgradeTests : IAsyncLifetime
{
    private const string Upload = "edfde6aaf32f045597913e66ff9bfb3e";
    private static readonly byte[] Blob = [.. Enumerable.Range(0, 16385).Select(i => (byte)(i * 7))];
    private static readonly byte[] Multipart = [.. new byte[MultipartUpload.MinPartSize], .. "tail"u8];

    private readonly string _directory = Directory.CreateTempSubdirectory("tarn-upgrade-").FullName;
    private RocksDbKeyValueStore _rows = null!;
    private FileBlobStore _blobs = null!;
    private ObjectStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await using (FileStream packed = File.OpenRead(Path.Combine(RepositoryLayout.Root, "tests/Tarn.Tests/Golden/data-0.1-a.tar.gz")))
        await using (var tar = new GZipStream(packed, CompressionMode.Decompress))
        {
            await TarFile.ExtractToDirectoryAsync(tar, _directory, overwriteFiles: false, Token);
        }

        _rows = RocksDbKeyValueStore.Open(Path.Combine(_directory, "meta"), new RocksDbOptions { SyncWrites = false });
        _blobs = new FileBlobStore(Path.Combine(_directory, "blobs"), fsync: false);
        _store = new ObjectStore(_rows, _blobs, TimeProvider.System, SystemRandomSource.Instance, new ObjectStoreOptions());
    }

    public async ValueTask DisposeAsync()
    {
        await _rows.DisposeAsync();
        await _blobs.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Everything_reads_as_it_was_written()
    {
        Bucket bucket = await BucketAsync();
        Assert.Equal(VersioningState.Never, bucket.Versioning);
        ObjectPage page = await _store.Lister.ListAsync(bucket, new ListQuery(), Token);
        Assert.Equal(
            ["blob", "checksum/crc32", "checksum/sha1", "checksum/sha256", "copies/blob", "copies/inline", "copies/multipart", "inline", "multipart", "odd ü世/😀", "overwritten", "zero"],
            page.Objects.Select(o => o.Key.ToString()));
        Assert.Equal(Blob, await ReadAsync(bucket, "blob"));
        Assert.Equal(Blob, await ReadAsync(bucket, "copies/blob"));
        Assert.Equal("inline data"u8.ToArray(), await ReadAsync(bucket, "inline"));
        Assert.Equal("inline data"u8.ToArray(), await ReadAsync(bucket, "copies/inline"));
        Assert.Equal("second"u8.ToArray(), await ReadAsync(bucket, "overwritten"));
        Assert.Equal("odd"u8.ToArray(), await ReadAsync(bucket, "odd ü世/😀"));
        Assert.Empty(await ReadAsync(bucket, "zero"));
        Assert.Equal(Multipart, await ReadAsync(bucket, "multipart"));
        Assert.Equal(Multipart, await ReadAsync(bucket, "copies/multipart"));
        Assert.Null(await FindAsync(bucket, "deleted"));
    }

    [Fact]
    public async Task Metadata_checksums_and_parts_are_what_they_were()
    {
        Bucket bucket = await BucketAsync();
        StoredObject inline = (await FindAsync(bucket, "inline"))!;
        Assert.Equal("text/plain", inline.Metadata.ContentType);
        Assert.Equal("no-cache", inline.Metadata.CacheControl);
        Assert.Equal("inline", inline.Metadata.ContentDisposition);
        Assert.Equal("en", inline.Metadata.ContentLanguage);
        Assert.Equal([new("colour", "blue"), new("size", "s")], inline.Metadata.User.OrderBy(p => p.Key, StringComparer.Ordinal));
        Assert.Equal("null", inline.VersionName);
        Assert.Equal("STANDARD_IA", (await FindAsync(bucket, "blob"))!.Metadata.StorageClass);
        Assert.Equal(
            Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData("checked"u8)), (await FindAsync(bucket, "checksum/sha256"))!.Checksum!.ToString());
        StoredObject multipart = (await FindAsync(bucket, "multipart"))!;
        Assert.Equal("47693b6aafc99e607a33f321da4dc903-2", multipart.ETag.ToString());
        Assert.Equal(4, (await _store.Reader.FindPartAsync(multipart, 2, Token))!.Size);
    }

    [Fact]
    public async Task Versions_begin_where_it_stood()
    {
        Bucket bucket = await BucketAsync();
        await _store.Buckets.SetVersioningAsync(bucket, VersioningState.Enabled, Token);
        bucket = await BucketAsync();
        foreach (string key in (string[])["inline", "blob", "multipart", "copies/multipart"])
        {
            byte[] before = await ReadAsync(bucket, key);
            StoredObject put = await _store.Writer.PutAsync(
                bucket, VersionedBucket.Key(key), bucket.OwnerId, ObjectMetadata.Empty, new MemoryBody("new"u8.ToArray()), new IngestRequest(), WriteCondition.None, Token);
            Assert.Equal("new"u8.ToArray(), await ReadAsync(bucket, key));
            Assert.Equal(before, await ReadAsync(bucket, key, VersionId.Null));
            VersionPage page = await _store.Versions.ListAsync(bucket, new VersionQuery { Prefix = Encoding.UTF8.GetBytes(key) }, Token);
            Assert.Equal([put.VersionName, VersionId.Null], page.Versions.Select(v => v.Version.VersionName));
            await _store.Deleter.DeleteAsync(bucket, VersionedBucket.Key(key), put.VersionName, bucket.OwnerId, DeleteCondition.None, Token);
            Assert.Equal(before, await ReadAsync(bucket, key));
        }
    }

    [Fact]
    public async Task An_upload_in_progress_can_be_completed()
    {
        Bucket bucket = await BucketAsync();
        MultipartUpload upload = await _store.Uploads.GetAsync(bucket, VersionedBucket.Key("in-progress"), Upload, Token);
        UploadedPart part = Assert.Single(await _store.Uploads.ListPartsAsync(upload, 0, 10, Token));
        var request = new CompletionRequest { Parts = [new CompletionPart(1, part.ETag.ToString())] };
        await _store.Completion.CompleteAsync(bucket, upload.Key, Upload, request, Token);
        Assert.Equal("part one"u8.ToArray(), await ReadAsync(bucket, "in-progress"));
    }

    private async Task<Bucket> BucketAsync() => await _store.Buckets.GetAsync(BucketName.FromStorage("fixture"), Token);

    private async Task<StoredObject?> FindAsync(Bucket bucket, string key) => await _store.Reader.FindAsync(bucket, VersionedBucket.Key(key), Token);

    private async Task<byte[]> ReadAsync(Bucket bucket, string key, string? version = null)
    {
        (_, IObjectContent? content) = await _store.Reader.OpenAsync(bucket, VersionedBucket.Key(key), version, Token);
        Assert.NotNull(content);
        await using (content)
        {
            return await VersionedBucket.ReadAsync(content);
        }
    }
}

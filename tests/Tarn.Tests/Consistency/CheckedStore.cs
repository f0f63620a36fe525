using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Consistency;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Consistency;

/// <summary>A store with one object of each kind, and ways to damage it.</summary>
internal sealed class CheckedStore
{
    private const int PartSize = (int)MultipartUpload.MinPartSize;

    private CheckedStore()
    {
    }

    public StoreFixture Fixture { get; } = new();

    public Bucket Bucket { get; private set; } = null!;

    public MultipartUpload Upload { get; private set; } = null!;

    /// <summary>
    /// "small", "large", "single", "double" and "empty"; "copy" shares the data of "large"; "parts" has two, "parts-copy" shares them; "versions" has two and the null version, "hidden" a
    /// delete marker; "upload" is in progress with one part.
    /// </summary>
    public static async Task<CheckedStore> CreateAsync()
    {
        var store = new CheckedStore();
        StoreFixture fixture = store.Fixture;
        Bucket bucket = await fixture.BucketAsync();
        await fixture.PutAsync(bucket, "small", StoreFixture.Bytes(50, 1));
        await fixture.PutAsync(bucket, "empty", []);
        await fixture.PutAsync(bucket, "large", StoreFixture.Bytes(200_000, 2));
        await fixture.PutAsync(bucket, "single", StoreFixture.Bytes(100_000, 7));
        await fixture.PutAsync(bucket, "double", StoreFixture.Bytes(100_000, 11));
        await fixture.PutAsync(bucket, "versions", StoreFixture.Bytes(60, 3));
        await fixture.CopyAsync(bucket, "large", "copy");
        MultipartUpload parts = await fixture.BeginAsync(bucket, "parts");
        UploadedPart one = await fixture.PartAsync(parts, 1, StoreFixture.Bytes(PartSize, 4));
        UploadedPart two = await fixture.PartAsync(parts, 2, StoreFixture.Bytes(1000, 5));
        await fixture.CompleteAsync(bucket, parts, one, two);
        await fixture.CopyAsync(bucket, "parts", "parts-copy");
        store.Upload = await fixture.BeginAsync(bucket, "upload");
        await fixture.PartAsync(store.Upload, 3, StoreFixture.Bytes(3000, 6));
        await fixture.Store.Buckets.SetVersioningAsync(bucket, VersioningState.Enabled, StoreFixture.Token);
        bucket = await fixture.BucketAsync();
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        await fixture.PutAsync(bucket, "versions", StoreFixture.Bytes(70, 8));
        await fixture.PutAsync(bucket, "versions", StoreFixture.Bytes(300, 9));
        await fixture.PutAsync(bucket, "hidden", StoreFixture.Bytes(80, 10));
        await fixture.DeleteAsync(bucket, "hidden");
        store.Bucket = bucket;
        await fixture.Store.Recount.RunOnceAsync(StoreFixture.Token);
        return store;
    }

    /// <summary>Adds an organization with a user, an access key, a token and a policy, and the rows by which they are found.</summary>
    public async Task AddIdentitiesAsync()
    {
        var organization = new Organization { Name = "acme", CanonicalId = "canonical", DisplayName = "Acme", Email = "acme@example.com", Created = Fixture.Clock.GetUtcNow() };
        var user = new User { Organization = "acme", Name = "ann", UserId = "user-id", DisplayName = "Ann", Created = Fixture.Clock.GetUtcNow() };
        await PutAsync(Tables.OrganizationKey("acme"), organization.Encode());
        await PutAsync(Tables.CanonicalIdKey("canonical"), new IdentityPointer("acme").Encode());
        await PutAsync(Tables.EmailKey("acme@example.com"), new IdentityPointer("acme").Encode());
        await PutAsync(Tables.UserKey("acme", "ann"), user.Encode());
        await PutAsync(Tables.UserIdKey("acme", "user-id"), new IdentityPointer("acme", "ann").Encode());
        await PutAsync(Tables.AccessKeyKey("AKANN"), new AccessKey { Id = "AKANN", Organization = "acme", User = "ann", Created = DateTimeOffset.UnixEpoch }.Encode());
        await PutAsync(Tables.AccessKeyByUserKey("acme", "ann", "AKANN"), []);
        byte[] hash = [.. Enumerable.Repeat((byte)7, 32)];
        await PutAsync(Tables.ApiTokenKey(hash), new ApiToken { Id = "", Organization = "acme", Name = "token", Suffix = "abcd", Created = DateTimeOffset.UnixEpoch }.Encode());
        await PutAsync(Tables.ApiTokenByUserKey("acme", null, hash), []);
        await PutAsync(
            Tables.OrganizationPolicyKey("acme", "all"),
            new StoredPolicy { Organization = "acme", Name = "all", Document = "{}", Created = DateTimeOffset.UnixEpoch, Updated = DateTimeOffset.UnixEpoch }.Encode());
    }

    public async Task<(List<Finding> Findings, CheckSummary Summary)> CheckAsync(CheckOptions? options = null) =>
        await CheckAsync(Fixture.KeyValue, Fixture.Blobs, options);

    public static async Task<(List<Finding> Findings, CheckSummary Summary)> CheckAsync(IKeyValueReader rows, IBlobStore blobs, CheckOptions? options = null)
    {
        List<Finding> findings = [];
        CheckSummary summary = await ConsistencyCheck.RunAsync(
            rows,
            blobs,
            options ?? new CheckOptions(),
            finding =>
            {
                findings.Add(finding);
                return default;
            },
            progress: null,
            StoreFixture.Token);
        Assert.Equal(findings.Count, summary.Problems);
        return (findings, summary);
    }

    public byte[] Current(string key) => Tables.CurrentKey(Bucket.Id, StoreFixture.Key(key).Utf8);

    public async Task<ObjectRecord> RecordAsync(string key) => ObjectRecord.Decode((await Fixture.KeyValue.GetAsync(Current(key), StoreFixture.Token))!);

    public async Task<BlobId> BlobAsync(string key, int part = 0) => (await RecordAsync(key)).Data switch
    {
        ObjectData.Extents extents => extents.List[0].Blob,
        ObjectData.Manifest manifest => ManifestChunk.Decode((await Fixture.KeyValue.GetAsync(Tables.ManifestKey(manifest.Id, 0), StoreFixture.Token))!)[part].Extents[0].Blob,
        var other => throw new InvalidOperationException($"{key} is {other}."),
    };

    public async Task<List<byte[]>> RowsAsync(byte table) =>
        [.. (await Fixture.KeyValue.ScanAsync([table], [(byte)(table + 1)], int.MaxValue, reverse: false, StoreFixture.Token)).Select(row => row.Key)];

    public async Task PutAsync(byte[] row, byte[] value) => await Fixture.KeyValue.CommitAsync(new KeyValueBatch().Put(row, value), StoreFixture.Token);

    public async Task DeleteAsync(byte[] row) => await Fixture.KeyValue.CommitAsync(new KeyValueBatch().Delete(row), StoreFixture.Token);

    public async Task ChangeAsync(byte[] row, Func<byte[], byte[]> change) =>
        await PutAsync(row, change((byte[])(await Fixture.KeyValue.GetAsync(row, StoreFixture.Token))!.Clone()));

    public async Task ChangeAsync(string key, Func<ObjectRecord, ObjectRecord> change) =>
        await ChangeAsync(Current(key), bytes => change(ObjectRecord.Decode(bytes)).Encode());

    public async Task ChangeAsync(BlobId id, Func<byte[], byte[]> change)
    {
        byte[] bytes = change(await ReadAsync(id));
        await Fixture.Blobs.DeleteAsync(id, StoreFixture.Token);
        await WriteAsync(id, bytes);
    }

    public async Task WriteAsync(BlobId id, byte[] bytes)
    {
        await using IBlobWriter writer = await Fixture.Blobs.CreateAsync(id, bytes.Length, StoreFixture.Token);
        await writer.WriteAsync(new ReadOnlySequence<byte>(bytes), StoreFixture.Token);
        await writer.CommitAsync(StoreFixture.Token);
    }

    public async Task<byte[]> ReadAsync(BlobId id)
    {
        await using IBlobReader reader = (await Fixture.Blobs.OpenAsync(id, StoreFixture.Token))!;
        byte[] bytes = new byte[reader.Length];
        Assert.Equal(bytes.Length, await reader.ReadAsync(0, bytes, StoreFixture.Token));
        return bytes;
    }

    public static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 1;
        return bytes;
    }
}

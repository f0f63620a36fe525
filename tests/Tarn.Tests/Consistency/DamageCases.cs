using System.Buffers.Binary;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Hashing;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;
using Tarn.Tests.Objects;
using static Tarn.Tests.Consistency.CheckedStore;

namespace Tarn.Tests.Consistency;

/// <summary>Every kind of damage and of contradiction: how it comes about, and what a check must say of it.</summary>
internal static class DamageCases
{
    private const string Large = "Damaged copy, Damaged large";
    private const string Parts = "Damaged parts, Damaged parts-copy";

    /// <summary>Each by its name: what is done, and the findings as kind and key, in order.</summary>
    public static readonly Dictionary<string, (Func<CheckedStore, Task> Do, string Expected)> All = new()
    {
        ["a bit of a blob"] = (async s => await s.ChangeAsync(await s.BlobAsync("large"), b => Flip(b, 100_000)), Large),
        ["a bit of a part"] = (async s => await s.ChangeAsync(await s.BlobAsync("parts", 1), b => Flip(b, 0)), Parts),
        ["a zeroed block"] = (async s => await s.ChangeAsync(await s.BlobAsync("single"), b => Zero(b, 4096, 8192)), "Damaged single"),
        ["a blob cut short"] = (async s => await s.ChangeAsync(await s.BlobAsync("single"), b => b[..50_000]), "WrongLength single"),
        ["an empty blob"] = (async s => await s.ChangeAsync(await s.BlobAsync("single"), _ => []), "WrongLength single"),
        ["a deleted blob"] = (async s => await s.Fixture.Blobs.DeleteAsync(await s.BlobAsync("large"), StoreFixture.Token), "Missing copy, Missing large"),
        ["a deleted part"] = (async s => await s.Fixture.Blobs.DeleteAsync(await s.BlobAsync("parts", 0), StoreFixture.Token), "Missing parts, Missing parts-copy"),
        ["swapped blobs"] = (s => SwapAsync(s, "single", "parts"), "WrongLength parts, WrongLength parts-copy, WrongLength single"),
        ["swapped blobs of one length"] = (s => SwapAsync(s, "single", "double"), "WrongBlob double, WrongBlob single"),
        ["a bit of a part in progress"] = (async s => await s.ChangeAsync(await UploadedAsync(s), b => Flip(b, 7)), "Damaged upload"),
        ["a bit of a small object"] = (async s => await s.ChangeAsync(await InlineAsync(s), b => Flip(b, 3)), "Damaged small"),
        ["a small object cut short"] = (async s => await s.ChangeAsync(await InlineAsync(s), b => b[..10]), "WrongLength small"),
        ["a small object without a row"] = (async s => await s.DeleteAsync(await InlineAsync(s)), "Missing small"),
        ["a row of bytes that nobody has"] = (async s => await s.PutAsync(Tables.InlineDataKey(new Id128(1, 2)), [1]), "Unreferenced"),
        ["a blob that nobody has"] = (async s => await s.WriteAsync(new BlobId(new Id128(1, 2)), [1, 2]), "Unreferenced"),
        ["a row of a manifest that nobody has"] = (async s => await s.PutAsync(Tables.ManifestKey((await ManifestAsync(s)).Id, 1), await ChunkAsync(s)), "References parts, References parts, References parts, References parts, "
            + "References parts-copy, References parts-copy, References parts-copy, References parts-copy, Unreferenced"),
        ["a manifest without its row"] = (
            async s => await s.DeleteAsync(Tables.ManifestKey((await ManifestAsync(s)).Id, 0)),
            "Missing parts, Missing parts-copy, Unreferenced, Unreferenced"),
        ["a sharer without a reference"] = (async s => await s.DeleteAsync(await ReferenceAsync(s, "copy")), "References copy"),
        ["a reference without a sharer"] = (async s => await s.PutAsync(Tables.BlobReferenceKey((await s.BlobAsync("large")).Value, 77), []), "References"),
        ["a reference to nothing"] = (async s => await s.PutAsync(Tables.BlobReferenceKey(new Id128(3, 4), 77), []), "References"),
        ["two sharers with one reference"] = (
            async s => await s.ChangeAsync("copy", r => r with { Data = new ObjectData.Extents([((ObjectData.Extents)r.Data).List[0] with { Reference = 0 }]) }),
            "References, References large"),
        ["a blob in use that is to be removed"] = (
            async s => await s.PutAsync(Tables.ReclaimKey(9, (await s.BlobAsync("single")).Value), new ReclaimRecord(ReclaimKind.Blob, (await s.BlobAsync("single")).Value).Encode()),
            "Scheduled single"),
        ["an announced blob in use"] = (
            async s => await s.PutAsync(Tables.ReclaimKey(9, (await s.BlobAsync("single")).Value), new ReclaimRecord(ReclaimKind.PendingBlob, (await s.BlobAsync("single")).Value).Encode()),
            "Scheduled single"),
        ["a record of another version marker"] = (async s => await s.ChangeAsync(s.Current("single"), b => [9, .. b[1..]]), "Unreadable single, Unreferenced"),
        ["a record cut short"] = (async s => await s.ChangeAsync(s.Current("single"), b => b[..20]), "Unreadable single, Unreferenced"),
        ["an empty record"] = (async s => await s.ChangeAsync(s.Current("empty"), _ => []), "Unreadable empty"),
        ["counts that are not right"] = (
            async s => await s.Fixture.KeyValue.CommitAsync(new KeyValueBatch().Add(Tables.BucketCountsKey(s.Bucket.Id), 1), StoreFixture.Token), "Counts"),
        ["counts that are lost"] = (async s => await s.DeleteAsync(Tables.BucketCountsKey(s.Bucket.Id)), "Counts"),
        ["counts of a bucket that never was"] = (async s => await s.PutAsync(Tables.BucketCountsKey(99), [0, 0, 0, 0, 0, 0, 0, 1]), "Counts"),
        ["counts that are no numbers"] = (async s => await s.PutAsync(Tables.BucketCountsKey(s.Bucket.Id), [1, 2, 3]), "Unreadable"),
        ["a row of an unknown table"] = (async s => await s.PutAsync([0x7E, 1], [1]), "Unreadable"),
        ["a key without its components"] = (async s => await s.PutAsync([Tables.Part, 1], [1]), "Unreadable"),
        ["a wrong size"] = (async s => await s.ChangeAsync("single", r => r with { Size = 5 }), "Counts, Inconsistent single"),
        ["a size without data"] = (async s => await s.ChangeAsync("empty", r => r with { Size = 5 }), "Counts, Inconsistent empty"),
        ["a wrong count of parts"] = (async s => await s.ChangeAsync("parts", r => r with { ETag = ETag.FromMd5(r.ETag.ToMd5(), 3) }), "Inconsistent parts"),
        ["a wrong ETag of parts"] = (async s => await s.ChangeAsync("parts", r => r with { ETag = ETag.FromMd5(new byte[16], 2) }), "Inconsistent parts"),
        ["a wrong checksum of parts"] = (async s => await s.ChangeAsync("parts", r => r with { Checksum = r.Checksum! with { Value = new byte[8] } }), "Inconsistent parts"),
        ["a wrong start of a chunk"] = (
            async s => await s.ChangeAsync("parts", r => r with { Data = ((ObjectData.Manifest)r.Data) with { ChunkStarts = [5] } }), "Inconsistent parts"),
        ["a part under another number"] = (
            async s => await s.ChangeAsync(Tables.PartKey(s.Upload.Id, 3), b => (PartRecord.Decode(b) with { Number = 4 }).Encode()), "Inconsistent"),
        ["a part without an upload"] = (async s => await s.DeleteAsync((await s.RowsAsync(Tables.Upload))[0]), "Counts, Inconsistent"),
        ["a delete marker among objects"] = (async s => await s.ChangeAsync("empty", r => r with { IsDeleteMarker = true }), "Counts, Inconsistent empty"),
        ["two newest versions"] = (
            async s => await s.PutAsync(s.Current("hidden"), (await s.RecordAsync("empty")).Encode()), "Counts, Inconsistent hidden, Inconsistent hidden"),
        ["an older version without a newest"] = (async s => await s.DeleteAsync((await s.RowsAsync(Tables.Marker))[0]), "Counts, Inconsistent hidden"),
        ["an older version in another place"] = (MoveVersionAsync, "Inconsistent hidden, Inconsistent hidden"),
        ["a null version that is not found"] = (async s => await s.DeleteAsync((await s.RowsAsync(Tables.NullVersion))[0]), "Inconsistent versions"),
        ["a null version that is not there"] = (
            async s => await s.PutAsync(Tables.NullVersionKey(s.Bucket.Id, StoreFixture.Key("hidden").Utf8), new byte[16]), "Inconsistent hidden"),
        ["a bucket without a row"] = (
            async s => await s.PutAsync(Tables.CurrentKey(99, "lost"u8), new ObjectRecord { Size = 0, LastModified = 0, ETag = default, OwnerId = "owner" }.Encode()),
            "Counts, Inconsistent lost"),
        ["a bit of the checksums of the blocks"] = (async s => await s.ChangeAsync(await s.BlobAsync("single"), b => Flip(b, 100_001)), "Damaged single"),
        ["a bit of the footer"] = (async s => await s.ChangeAsync(await s.BlobAsync("single"), b => Flip(b, b.Length - 70)), "Damaged single"),
        ["a bit of the trailer"] = (async s => await s.ChangeAsync(await s.BlobAsync("single"), b => Flip(b, b.Length - 5)), "Damaged single"),
        ["bytes behind a blob"] = (async s => await s.ChangeAsync(await s.BlobAsync("single"), b => [.. b, 0]), "WrongLength single"),
        ["a bit of a blob of an older build"] = (async s => await BareAsync(s, b => Flip(b, 5)), "Damaged single"),
        ["a blob of an older build cut short"] = (async s => await BareAsync(s, b => b[..99_999]), "WrongLength single"),
        ["a blob of an older build in place of one with checksums"] = (
            async s =>
            {
                await BareAsync(s, b => b);
                await s.ChangeAsync("single", r => r with { Data = new ObjectData.Extents([((ObjectData.Extents)r.Data).List[0] with { Stored = 100_200 }]) });
            },
            "WrongLength single"),
        ["a sealed blob cut short"] = (async s => await SealedAsync(s, b => b[..99_999]), "WrongLength single"),
        ["a bit of a sealed blob"] = (async s => await SealedAsync(s, b => Flip(b, 9)), "Damaged single"),
        ["a record of other bytes"] = (
            async s => await s.ChangeAsync("single", r => r with { Checksum = r.Checksum! with { Value = new byte[8] } }), "Inconsistent single"),
        ["a seal of another row"] = (
            async s => await s.ChangeAsync(await InlineAsync(s), b => InlineSeal.Append(new Id128(1, 1), b.AsSpan(0, 50))), "Damaged small"),
        ["a bucket that is not listed"] = (async s => await s.DeleteAsync((await s.RowsAsync(Tables.BucketByOwner))[0]), "Inconsistent"),
        ["a bucket listed for another"] = (async s => await s.PutAsync(Tables.BucketByOwnerKey("other", "bucket"), []), "Inconsistent"),
        ["a setting without a bit"] = (
            async s => await s.PutAsync(Tables.BucketConfigurationKey(s.Bucket.Id, BucketConfiguration.PublicAccessBlock), [1]), "Inconsistent"),
        ["a setting without a row"] = (
            async s => await s.ChangeAsync(Tables.BucketKey("bucket"), b => (BucketRecord.Decode(b) with { Configurations = 2 }).Encode()), "Inconsistent"),
        ["an aborted upload that is never forgotten"] = (
            async s => await s.PutAsync(Tables.AbortedUploadKey(s.Upload.Id.Value), (await s.RowsAsync(Tables.Upload))[0]), "Inconsistent"),
        ["an unreadable row of a canonical id"] = (s => IdentityAsync(s, Tables.CanonicalIdKey("canonical"), [9]), "Unreadable"),
        ["an unreadable row of an e-mail address"] = (s => IdentityAsync(s, Tables.EmailKey("acme@example.com"), []), "Unreadable"),
        ["an unreadable row of a user id"] = (s => IdentityAsync(s, Tables.UserIdKey("acme", "user-id"), [1, 255]), "Unreadable"),
        ["a canonical id of another"] = (s => IdentityAsync(s, Tables.CanonicalIdKey("canonical"), new IdentityPointer("other").Encode()), "Inconsistent, Inconsistent"),
        ["a user of no organization"] = (s => IdentityAsync(s, Tables.UserKey("lost", "bob"), UserOf("lost", "bob").Encode()), "Inconsistent, Inconsistent"),
        ["a user under another name"] = (s => IdentityAsync(s, Tables.UserKey("acme", "bob"), UserOf("acme", "ann").Encode()), "Inconsistent, Inconsistent"),
        ["an organization under another name"] = (s => IdentityAsync(s, Tables.OrganizationKey("other"), OrganizationOf("acme").Encode()), "Inconsistent, Inconsistent"),
        ["an access key of no user"] = (s => OwnedAsync(s, KeyOf("acme", "bob")), "Inconsistent"),
        ["an access key of no organization"] = (s => OwnedAsync(s, KeyOf("lost", null)), "Inconsistent"),
        ["an access key under another id"] = (s => OwnedAsync(s, KeyOf("acme", "ann"), "AKOTHER"), "Inconsistent, Inconsistent, Inconsistent"),
        ["a token of no user"] = (s => OwnedAsync(s, TokenOf("acme", "bob")), "Inconsistent"),
        ["a token of no organization"] = (s => OwnedAsync(s, TokenOf("lost", null)), "Inconsistent"),
        ["a policy of no organization"] = (s => IdentityAsync(s, Tables.OrganizationPolicyKey("lost", "p"), PolicyOf("lost", "p").Encode()), "Inconsistent"),
        ["a policy under another name"] = (s => IdentityAsync(s, Tables.OrganizationPolicyKey("acme", "q"), PolicyOf("acme", "p").Encode()), "Inconsistent"),
        ["an unreadable bucket"] = (async s => await s.ChangeAsync(Tables.BucketKey("bucket"), _ => [9]), "Unreadable"),
        ["a checksum of no algorithm"] = (
            async s => await s.ChangeAsync("small", r => r with { Checksum = r.Checksum! with { Algorithm = (ChecksumAlgorithm)200 } }), "Unreadable small, Unreferenced"),
        ["a checksum that is too short"] = (
            async s => await s.ChangeAsync("small", r => r with { Checksum = r.Checksum! with { Value = [1] } }), "Unreadable small, Unreferenced"),
        ["parts of sizes that no file has"] = (
            async s => await s.ChangeAsync(
                Tables.ManifestKey((await ManifestAsync(s)).Id, 0), b => ManifestChunk.Encode(ManifestChunk.Decode(b).Select(p => p with { Size = long.MaxValue }))),
            "Inconsistent, Inconsistent parts, Inconsistent parts-copy"),
        ["a removal of another id"] = (
            async s => await s.PutAsync(Tables.ReclaimKey(9, new Id128(5, 6)), new ReclaimRecord(ReclaimKind.Blob, new Id128(6, 5)).Encode()), "Inconsistent"),
    };

    private static async Task IdentityAsync(CheckedStore s, byte[] row, byte[] value)
    {
        await s.AddIdentitiesAsync();
        await s.PutAsync(row, value);
    }

    private static Organization OrganizationOf(string name) => new() { Name = name, CanonicalId = "canonical", DisplayName = "Acme", Created = DateTimeOffset.UnixEpoch };

    private static User UserOf(string organization, string name) =>
        new() { Organization = organization, Name = name, UserId = "user-id", DisplayName = "Bob", Created = DateTimeOffset.UnixEpoch };

    private static AccessKey KeyOf(string organization, string? user) => new() { Id = "AKTEST", Organization = organization, User = user, Created = DateTimeOffset.UnixEpoch };

    private static ApiToken TokenOf(string organization, string? user) =>
        new() { Id = "", Organization = organization, User = user, Name = "token", Suffix = "abcd", Created = DateTimeOffset.UnixEpoch };

    private static StoredPolicy PolicyOf(string organization, string name) =>
        new() { Organization = organization, Name = name, Document = "{}", Created = DateTimeOffset.UnixEpoch, Updated = DateTimeOffset.UnixEpoch };

    private static async Task OwnedAsync(CheckedStore s, AccessKey key, string? id = null)
    {
        await IdentityAsync(s, Tables.AccessKeyKey(id ?? key.Id), key.Encode());
        await s.PutAsync(Tables.AccessKeyByUserKey(key.Organization, key.User, key.Id), []);
    }

    private static async Task OwnedAsync(CheckedStore s, ApiToken token)
    {
        byte[] hash = new byte[32];
        await IdentityAsync(s, Tables.ApiTokenKey(hash), token.Encode());
        await s.PutAsync(Tables.ApiTokenByUserKey(token.Organization, token.User, hash), []);
    }

    private static async Task SwapAsync(CheckedStore s, string oneKey, string otherKey)
    {
        BlobId one = await s.BlobAsync(oneKey), two = await s.BlobAsync(otherKey);
        byte[] first = await s.ReadAsync(one), second = await s.ReadAsync(two);
        await s.ChangeAsync(one, _ => second);
        await s.ChangeAsync(two, _ => first);
    }

    private static byte[] Zero(byte[] bytes, int from, int to)
    {
        bytes.AsSpan(from..to).Clear();
        return bytes;
    }

    private static async Task<byte[]> InlineAsync(CheckedStore s) => Tables.InlineDataKey(((ObjectData.Inline)(await s.RecordAsync("small")).Data).Row);

    private static async Task<BlobId> UploadedAsync(CheckedStore s) =>
        PartRecord.Decode((await s.Fixture.KeyValue.GetAsync(Tables.PartKey(s.Upload.Id, 3), StoreFixture.Token))!).Extents[0].Blob;

    private static async Task<ObjectData.Manifest> ManifestAsync(CheckedStore s) => (ObjectData.Manifest)(await s.RecordAsync("parts")).Data;

    private static async Task<byte[]> ChunkAsync(CheckedStore s) =>
        (await s.Fixture.KeyValue.GetAsync(Tables.ManifestKey((await ManifestAsync(s)).Id, 0), StoreFixture.Token))!;

    private static async Task<byte[]> ReferenceAsync(CheckedStore s, string key)
    {
        Extent extent = ((ObjectData.Extents)(await s.RecordAsync(key)).Data).List[0];
        return Tables.BlobReferenceKey(extent.Blob.Value, extent.Reference);
    }

    private static async Task MoveVersionAsync(CheckedStore s)
    {
        byte[] row = (await s.RowsAsync(Tables.History)).First(key => key.AsSpan().IndexOf("hidden"u8) > 0);
        byte[] value = (await s.Fixture.KeyValue.GetAsync(row, StoreFixture.Token))!;
        byte[] other = (byte[])row.Clone();
        BinaryPrimitives.WriteUInt64BigEndian(other.AsSpan(other.Length - 16), 5);
        ObjectRecord record = ObjectRecord.Decode(value);
        await s.DeleteAsync(row);
        await s.PutAsync(other, (record with { Order = new VersionId(ulong.MaxValue - 6, 1) }).Encode());
    }

    private static async Task BareAsync(CheckedStore s, Func<byte[], byte[]> change)
    {
        BlobId id = await s.BlobAsync("single");
        byte[] payload = (await s.ReadAsync(id))[..100_000];
        await s.Fixture.Blobs.DeleteAsync(id, StoreFixture.Token);
        s.Fixture.Blobs.AddBare(id, change(payload));
        await s.ChangeAsync("single", AsOlder);
    }

    /// <summary>The record as a build wrote it that did not note how long the whole blob is.</summary>
    private static ObjectRecord AsOlder(ObjectRecord record) =>
        record with { Data = new ObjectData.Extents([((ObjectData.Extents)record.Data).List[0] with { Stored = 0 }]) };

    /// <summary>Takes the blob of "single" apart, so that its tail is beside it, and then loses some of its payload.</summary>
    private static async Task SealedAsync(CheckedStore s, Func<byte[], byte[]> change)
    {
        BlobId id = await s.BlobAsync("single");
        byte[] whole = await s.ReadAsync(id);
        await s.Fixture.Blobs.DeleteAsync(id, StoreFixture.Token);
        s.Fixture.Blobs.AddBare(id, change(whole[..100_000]));
        Assert.True(await s.Fixture.Blobs.SealAsync(id, whole.AsMemory(100_000), StoreFixture.Token));
        await s.ChangeAsync("single", AsOlder);
    }
}

using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.TestKit.Stores;
using Tarn.Tests.Damage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Scrubbing;

/// <summary>One pass over every kind of damage to every kind of object: exactly what is damaged is on the list, and what was repaired is not.</summary>
public sealed class ScrubMatrixTests
{
    private const int Size = 3 * BlobLayout.BlockSize + 17;

    private readonly DamagedStore _store = new();

    private static CancellationToken Token => DamagedStore.Token;

    public enum Fault
    {
        Bit,
        Zeroed,
        Cut,
        Appended,
        Deleted,
        Swapped,
    }

    public enum Kind
    {
        Inline,
        Blob,
        OldVersion,
        MultipartObject,
        PartOfUpload,
    }

    public static TheoryData<Fault, Kind> Cases
    {
        get
        {
            var cases = new TheoryData<Fault, Kind>();
            foreach (Fault fault in Enum.GetValues<Fault>())
            {
                foreach (Kind kind in Enum.GetValues<Kind>())
                {
                    cases.Add(fault, kind);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_pass_lists_exactly_what_is_damaged_and_takes_off_what_was_repaired(Fault fault, Kind kind)
    {
        await _store.Store.Buckets.SetVersioningAsync(await _store.BucketAsync(), VersioningState.Enabled, Token);
        foreach (Kind other in Enum.GetValues<Kind>())
        {
            await StoreAsync(other, "sound-" + other, seed: 5);
        }

        Id128 damaged = await StoreAsync(kind, "damaged", seed: 7);
        Id128 partner = fault == Fault.Swapped ? await StoreAsync(kind, "partner", seed: 9) : default;
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Empty(await _store.ListAsync());
        long objects = _store.Store.Scrub.Status.Last!.Counts.Objects;

        Func<Task> repair = await DamageAsync(fault, kind, damaged, partner);
        _store.Device.EmptyCache();
        await _store.Store.Scrub.RunOnceAsync(Token);
        string[] expected = fault == Fault.Swapped ? ["damaged", "partner"] : ["damaged"];
        List<DamagedObject> listed = await _store.ListAsync();
        Assert.Equal(expected, listed.Select(found => found.Key.ToString()).Order(StringComparer.Ordinal));
        Assert.All(listed, found => Assert.Equal(kind == Kind.PartOfUpload, found.Upload is not null));
        Assert.Equal((expected.Length, objects), (_store.Store.Scrub.Status.Last!.Counts.Damaged, _store.Store.Scrub.Status.Last!.Counts.Objects));
        Assert.Empty(_store.Store.Scrub.Status.Last!.Failures);

        await repair();
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Empty(await _store.ListAsync());
    }

    [Fact]
    public async Task Damage_of_shared_data_is_read_once_and_listed_for_each_object_that_has_the_damaged_bytes()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        await _store.CopyAsync("key", "a-copy");
        await _store.CopyAsync("key", "z-copy");

        // Met first, it has none of the damaged bytes.
        var upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key("a"), "owner", "Owner", ObjectMetadata.Empty, null, ChecksumType.FullObject, Token);
        UploadedPart part = await _store.Store.Parts.CopyAsync(upload, 1, async () => await _store.FindAsync("key"), _ => (0, BlobLayout.BlockSize), Token);
        await _store.Store.Completion.CompleteAsync(await _store.BucketAsync(), upload.Key, upload.Id.ToString(), StoreFixture.Request(part), Token);
        await _store.FlipAsync(stored, 2 * BlobLayout.BlockSize);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(["a-copy", "key", "z-copy"], (await _store.ListAsync()).Select(found => found.Key.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(1, _store.Store.Scrub.Status.Last!.Counts.Damaged);
        Assert.InRange(_store.Store.Scrub.Status.Last!.Counts.Bytes, 1, Size);
    }

    [Fact]
    public async Task A_pass_leaves_what_is_in_memory_and_adds_nothing()
    {
        await _store.PutAsync("key", StoreFixture.Bytes(Size));
        await _store.PutAsync("other", StoreFixture.Bytes(Size, 1));
        await _store.ReadAsync("other");
        await _store.Store.Scrub.RunOnceAsync(Token);
        long read = _store.Device.DeviceBytes;
        await _store.ReadAsync("other");
        Assert.Equal(read, _store.Device.DeviceBytes);
        await _store.ReadAsync("key");
        Assert.NotEqual(read, _store.Device.DeviceBytes);
    }

    [Fact]
    public async Task A_damaged_row_of_a_manifest_is_listed_and_a_record_that_does_not_decode_is_a_failure_that_names_the_row()
    {
        await StoreAsync(Kind.MultipartObject, "parts", seed: 1);
        var manifest = Assert.IsType<ObjectData.Manifest>((await _store.FindAsync("parts")).Record.Data);
        byte[] row = (await _store.Memory.GetAsync(Tables.ManifestKey(manifest.Id, 0), Token))!;
        StoredObject broken = await _store.PutAsync("broken", StoreFixture.Bytes(Size));
        StoredObject whole = await _store.PutAsync("whole", StoreFixture.Bytes(Size));
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Put(Tables.ManifestKey(manifest.Id, 0), [1, 3]).Put(broken.Row, [9, 9]), Token));
        await _store.FlipAsync(whole, 3);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal(["parts", "whole"], (await _store.ListAsync()).Select(found => found.Key.ToString()).Order(StringComparer.Ordinal));
        Assert.Contains("broken", _store.Store.Scrub.Status.Last!.Failures[0], StringComparison.Ordinal);

        await PutAsync(Tables.ManifestKey(manifest.Id, 0), row);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal("whole", Assert.Single(await _store.ListAsync()).Key.ToString());
    }

    /// <summary>Stores an object of a kind; returns the id of the data to damage.</summary>
    private async Task<Id128> StoreAsync(Kind kind, string key, int seed)
    {
        switch (kind)
        {
            case Kind.Inline:
                return Assert.IsType<ObjectData.Inline>((await _store.PutAsync(key, StoreFixture.Bytes(DamagedStore.InlineLimit, seed))).Record.Data).Row;
            case Kind.Blob:
                return DamagedStore.BlobOf(await _store.PutAsync(key, StoreFixture.Bytes(Size, seed))).Value;
            case Kind.OldVersion:
                StoredObject old = await _store.PutAsync(key, StoreFixture.Bytes(Size, seed));
                await _store.PutAsync(key, StoreFixture.Bytes(Size, seed + 1));
                return DamagedStore.BlobOf(old).Value;
            default:
                MultipartUpload upload = await _store.Store.Uploads.CreateAsync(
                    await _store.BucketAsync(), StoreFixture.Key(key), "owner", "Owner", ObjectMetadata.Empty, null, ChecksumType.FullObject, Token);
                UploadedPart first = await _store.Store.Parts.PutAsync(upload, 1, new TestBody(StoreFixture.Bytes((int)MultipartUpload.MinPartSize, seed)), new IngestRequest(), Token);
                UploadedPart second = await _store.Store.Parts.PutAsync(upload, 2, new TestBody(StoreFixture.Bytes(Size, seed + 1)), new IngestRequest(), Token);
                Id128 data = PartRecord.Decode((await _store.Memory.GetAsync(Tables.PartKey(upload.Id, 2), Token))!).Extents[0].Blob.Value;
                if (kind == Kind.MultipartObject)
                {
                    await _store.Store.Completion.CompleteAsync(await _store.BucketAsync(), upload.Key, upload.Id.ToString(), StoreFixture.Request(first, second), Token);
                }

                return data;
        }
    }

    /// <summary>Damages data; returns what repairs it.</summary>
    private async Task<Func<Task>> DamageAsync(Fault fault, Kind kind, Id128 data, Id128 partner)
    {
        if (kind == Kind.Inline)
        {
            byte[] row = Tables.InlineDataKey(data), other = Tables.InlineDataKey(partner);
            byte[] kept = (await _store.Memory.GetAsync(row, Token))!;
            byte[]? others = fault == Fault.Swapped ? await _store.Memory.GetAsync(other, Token) : null;
            await PutAsync(row, fault == Fault.Swapped ? others : Change(fault, kept));
            await PutAsync(other, others is null ? null : kept);
            return async () =>
            {
                await PutAsync(row, kept);
                await PutAsync(other, others);
            };
        }

        var blob = new BlobId(data);
        var second = new BlobId(partner);
        byte[] whole = await _store.Device.OnDeviceAsync(blob);
        if (fault == Fault.Swapped)
        {
            byte[] swapped = await _store.Device.OnDeviceAsync(second);
            await _store.Device.DamageAsync(blob, _ => swapped);
            await _store.Device.DamageAsync(second, _ => whole);
        }
        else if (Change(fault, whole) is { } changed)
        {
            await _store.Device.DamageAsync(blob, _ => changed);
        }
        else
        {
            await _store.Device.LoseAsync(blob);
        }

        return async () =>
        {
            _store.Device.Repair(blob);
            _store.Device.Repair(second);
            if (fault == Fault.Deleted)
            {
                await using IBlobWriter writer = await _store.Device.CreateAsync(blob, null, Token);
                await writer.WriteAsync(new(whole), Token);
                await writer.CommitAsync(Token);
            }
        };
    }

    private async Task PutAsync(byte[] row, byte[]? value) =>
        Assert.True(await _store.Memory.CommitAsync(value is null ? new KeyValueBatch().Delete(row) : new KeyValueBatch().Put(row, value), Token));

    private static byte[]? Change(Fault fault, byte[] bytes) => fault switch
    {
        Fault.Bit => [.. bytes[..7], (byte)(bytes[7] ^ 4), .. bytes[8..]],
        Fault.Zeroed => [.. new byte[Math.Min(4096, bytes.Length - 20)], .. bytes[Math.Min(4096, bytes.Length - 20)..]],
        Fault.Cut => bytes[..^1],
        Fault.Appended => [.. bytes, 0],
        _ => null,
    };
}

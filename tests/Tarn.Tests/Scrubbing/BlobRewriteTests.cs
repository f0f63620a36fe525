using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Scrubbing;
using Tarn.TestKit.Stores;
using Tarn.Tests.Damage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Scrubbing;

/// <summary>What a scrub does with a blob of which the device has wrong bytes and the right ones can be had: from memory, or, of the footer, from the record.</summary>
public sealed class BlobRewriteTests
{
    private const int Size = (3 * BlobLayout.BlockSize) + 17;

    private readonly DamagedStore _store = new();

    private static CancellationToken Token => DamagedStore.Token;

    private ScrubCounts Counts => _store.Store.Scrub.Status.Last!.Counts;

    /// <summary>Where the blob is damaged: in its payload, and behind it.</summary>
    public static TheoryData<string> Places => ["first block", "last block", "checksums", "footer", "trailer"];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Right_bytes_in_memory_are_brought_to_safety(string place)
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        await _store.Device.CacheAsync(DamagedStore.BlobOf(stored));
        byte[] right = await _store.Device.OnDeviceAsync(DamagedStore.BlobOf(stored));
        await DamageAsync(stored, place);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Empty(await _store.ListAsync());
        Assert.Equal((0, 1), (Counts.Damaged, Counts.Rewritten));
        Assert.Equal(right, await _store.Device.OnDeviceAsync(DamagedStore.BlobOf(stored)));
        Assert.Empty(await _store.Store.Orphans.ListAsync(null, 10, Token));

        _store.Device.EmptyCache();
        Assert.Equal(StoreFixture.Bytes(Size), await _store.ReadAsync("key"));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((0, 0), (Counts.Damaged, Counts.Rewritten));
    }

    [Theory]
    [InlineData("first block", "damaged")]
    [InlineData("checksums", "right")]
    [InlineData("footer", "right")]
    [InlineData("trailer", "damaged")]
    public async Task Without_them_what_the_record_knows_repairs_what_follows_the_payload_and_nothing_else(string place, string expected)
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        byte[] right = await _store.Device.OnDeviceAsync(DamagedStore.BlobOf(stored));
        await DamageAsync(stored, place);
        _store.Device.EmptyCache();
        byte[] damaged = await _store.Device.OnDeviceAsync(DamagedStore.BlobOf(stored));
        await _store.Store.Scrub.RunOnceAsync(Token);
        bool isRight = expected == "right";
        Assert.Equal(isRight ? (0, 1) : (1, 0), (Counts.Damaged, Counts.Rewritten));
        Assert.Equal(isRight ? right : damaged, await _store.Device.OnDeviceAsync(DamagedStore.BlobOf(stored)));
        Assert.Equal(isRight ? 0 : 1, (await _store.ListAsync()).Count);
        Assert.Empty(await _store.Store.Orphans.ListAsync(null, 10, Token));
    }

    /// <summary>Of a run of a blob the record does not know what the blob said of itself.</summary>
    [Fact]
    public async Task A_damaged_footer_that_no_record_knows_is_listed_and_fails_no_request()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        MultipartUpload upload = await _store.Store.Uploads.CreateAsync(
            await _store.BucketAsync(), StoreFixture.Key("run"), "owner", "Owner", ObjectMetadata.Empty, null, ChecksumType.FullObject, Token);
        UploadedPart copied = await _store.Store.Parts.CopyAsync(upload, 1, async () => await _store.FindAsync("key"), _ => (BlobLayout.BlockSize, BlobLayout.BlockSize), Token);
        await _store.Store.Completion.CompleteAsync(await _store.BucketAsync(), upload.Key, upload.Id.ToString(), StoreFixture.Request(copied), Token);
        StoredObject part = await _store.FindAsync("run");
        Assert.True(await _store.Memory.CommitAsync(new KeyValueBatch().Delete(stored.Row), Token));
        await DamageAsync(stored, "footer");
        for (int pass = 0; pass < 2; pass++)
        {
            _store.Device.EmptyCache();
            await _store.Store.Scrub.RunOnceAsync(Token);
            DamagedObject listed = Assert.Single(await _store.ListAsync());
            Assert.Equal(("run", DamageKind.Tail), (listed.Key.ToString(), listed.Kind));

            // No read ends it, and none fails.
            Assert.Equal(StoreFixture.Bytes(Size)[BlobLayout.BlockSize..(2 * BlobLayout.BlockSize)], await _store.ReadAsync("run"));
            Assert.True(await _store.Store.Reader.IsThereAsync(part, Token));
            await _store.Store.Recheck.RunOnceAsync(static e => Assert.Fail(e.ToString()), Token);
            Assert.Equal(DropOutcome.NotDamaged, await _store.Store.Removal.DropAsync(await _store.BucketAsync(), part.Key, "null", Token));
            Assert.Single(await _store.ListAsync());
        }

        _store.Device.Repair(DamagedStore.BlobOf(stored));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Empty(await _store.ListAsync());
    }

    [Fact]
    public async Task What_a_scrub_finds_damaged_stays_in_memory()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        await _store.Device.CacheAsync(DamagedStore.BlobOf(stored));
        await DamageAsync(stored, "first block");
        _store.Device.FailsMoves = true;
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Contains("could not be written anew", Assert.Single(_store.Store.Scrub.Status.Last!.Failures), StringComparison.Ordinal);
        Assert.Single(await _store.ListAsync());
        Assert.Equal(StoreFixture.Bytes(Size), await _store.ReadAsync("key"));
    }

    [Fact]
    public async Task What_a_backup_needs_is_not_replaced()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        await _store.Device.CacheAsync(DamagedStore.BlobOf(stored));
        await DamageAsync(stored, "first block");
        _store.Holds.Add(DamagedStore.BlobOf(stored));
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((1, 0), (Counts.Damaged, Counts.Rewritten));
        _store.Holds.Clear();
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((0, 1), (Counts.Damaged, Counts.Rewritten));
    }

    [Fact]
    public async Task What_a_backup_comes_to_need_while_it_is_written_is_not_replaced_and_no_failure()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        await _store.Device.CacheAsync(DamagedStore.BlobOf(stored));
        await DamageAsync(stored, "first block");
        byte[] damaged = await _store.Device.OnDeviceAsync(DamagedStore.BlobOf(stored));
        _store.Device.BeforeReplace = () =>
        {
            _store.Holds.Add(DamagedStore.BlobOf(stored));
            return Task.CompletedTask;
        };
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((1, 0, 0), (Counts.Damaged, Counts.Rewritten, Counts.Failures));
        Assert.Contains("could not be written anew", Assert.Single(_store.Store.Scrub.Status.Last!.Failures), StringComparison.Ordinal);
        Assert.Equal(damaged, await _store.Device.OnDeviceAsync(DamagedStore.BlobOf(stored)));
    }

    [Fact]
    public async Task What_the_device_does_not_have_as_it_was_written_takes_no_place_and_is_told()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        await _store.Device.CacheAsync(DamagedStore.BlobOf(stored));
        await DamageAsync(stored, "first block");
        byte[] damaged = await _store.Device.OnDeviceAsync(DamagedStore.BlobOf(stored));
        _store.Device.WrittenAs = static bytes => [(byte)(bytes[0] ^ 1), .. bytes[1..]];
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((1, 0), (Counts.Damaged, Counts.Rewritten));
        Assert.Contains("other bytes than were written", Assert.Single(_store.Store.Scrub.Status.Last!.Failures), StringComparison.Ordinal);
        Assert.Single(await _store.ListAsync());
        Assert.Equal(damaged, await _store.Device.OnDeviceAsync(DamagedStore.BlobOf(stored)));
    }

    [Fact]
    public async Task A_blob_of_another_length_is_not_written_anew()
    {
        StoredObject stored = await _store.PutAsync("key", StoreFixture.Bytes(Size));
        await _store.Device.CacheAsync(DamagedStore.BlobOf(stored));
        await _store.Device.DamageAsync(DamagedStore.BlobOf(stored), static bytes => [.. bytes, 0]);
        await _store.Store.Scrub.RunOnceAsync(Token);
        Assert.Equal((1, 0, 0), (Counts.Damaged, Counts.Rewritten, Counts.Failures));
        Assert.Equal(DamageKind.Length, Assert.Single(await _store.ListAsync()).Kind);
    }

    [Theory]
    [InlineData(CrashSide.Before)]
    [InlineData(CrashSide.After)]
    public async Task A_crash_at_any_step_leaves_the_damaged_blob_or_the_right_one_and_later_no_other(CrashSide side)
    {
        for (int step = 0; ; step++)
        {
            var store = new DamagedStore();
            StoredObject stored = await store.PutAsync("key", StoreFixture.Bytes(Size));
            await store.Device.CacheAsync(DamagedStore.BlobOf(stored));
            await DamageAsync(store, stored, "first block");
            bool isOver = false;
            try
            {
                await Open(store, new CrashingBlobStore(store.Device, new CrashPoint(step, side))).Scrub.RunOnceAsync(Token);
                isOver = true;
            }
            catch (InjectedCrashException)
            {
            }

            // The memory is gone with the machine.
            store.Device.EmptyCache();
            Core.Storage.ObjectStore again = Open(store, store.Device);
            await again.Scrub.RunOnceAsync(Token);
            Assert.NotNull(await store.Device.FindAsync(DamagedStore.BlobOf(stored), Token));
            for (int pass = 0; pass < 2; pass++)
            {
                store.Clock.Advance(TimeSpan.FromDays(31));
                await again.Scrub.RunOnceAsync(Token);
            }

            Assert.Empty(again.Scrub.Status.Last!.Failures);
            Assert.Empty(await again.Orphans.ListAsync(null, 10, Token));
            Assert.InRange(again.Scrub.Status.Last!.Counts.Damaged, 0, isOver ? 0 : 1);
            if (isOver)
            {
                Assert.InRange(step, 5, 50);
                return;
            }
        }
    }

    private static Core.Storage.ObjectStore Open(DamagedStore store, IBlobStore blobs) =>
        new(store.Memory, blobs, store.Clock, new SeededRandomSource(5), new() { InlineLimit = DamagedStore.InlineLimit, Scrub = store.Scrubbing });

    private Task DamageAsync(StoredObject stored, string place) => DamageAsync(_store, stored, place);

    private static async Task DamageAsync(DamagedStore store, StoredObject stored, string place)
    {
        byte[] bytes = await store.Device.OnDeviceAsync(DamagedStore.BlobOf(stored));
        Assert.True(BlobTrailer.TryRead(bytes.AsSpan(bytes.Length - BlobLayout.TrailerSize), bytes.Length, out BlobTrailer trailer));
        int at = place switch
        {
            "first block" => 5,
            "last block" => Size - 1,
            "checksums" => Size + 3,
            "footer" => Size + (int)trailer.TableLength + 4,
            _ => bytes.Length - 5,
        };
        await store.Device.DamageAsync(DamagedStore.BlobOf(stored), known =>
        {
            byte[] flipped = [.. known];
            flipped[at] ^= 1;
            return flipped;
        });
    }
}

using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Acceleration;

/// <summary>A download that goes on holds what it reads, for a while and within bounds.</summary>
public sealed class LeaseTests
{
    private const string Zone = "rack-7";

    private readonly StoreFixture _fixture = new();
    private readonly AcceleratorSecretRow _secrets;
    private readonly ReadPlanner _planner;
    private readonly CapabilityRenewal _renewal;

    public LeaseTests()
    {
        var random = new SeededRandomSource(7);
        _fixture.Clock.SetUtcNow(DateTimeOffset.UnixEpoch.AddYears(50));
        _secrets = new AcceleratorSecretRow(_fixture.KeyValue, new PlainSecrets(), random);
        _planner = new ReadPlanner(_fixture.Store.Reader, _fixture.Store.Damage, _fixture.Store.Blocks, _secrets, _fixture.Store.Leases, _fixture.Clock, random);
        _renewal = new CapabilityRenewal(_fixture.Blobs, _secrets, _fixture.Store.Leases, _fixture.Clock);
    }

    private static CancellationToken Token => StoreFixture.Token;

    [Fact]
    public async Task What_is_renewed_in_time_stays_after_the_grace_and_goes_when_nobody_renews_it()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "renewed", StoreFixture.Bytes(1000));
        await _fixture.PutAsync(bucket, "left", StoreFixture.Bytes(1000, 2));
        PlannedExtent renewed = await PlanAsync(bucket, "renewed"), left = await PlanAsync(bucket, "left");
        await _fixture.DeleteAsync(bucket, "renewed");
        await _fixture.DeleteAsync(bucket, "left");

        string? capability = renewed.Capability;
        for (int minutes = 4; minutes <= 40; minutes += 4)
        {
            _fixture.Clock.Advance(TimeSpan.FromMinutes(4));
            capability = await _renewal.RenewAsync(capability, Zone, Token);
            Assert.NotNull(capability);
            await _fixture.Store.Reclaim.RunOnceAsync(null, Token);
            Assert.NotNull(await _fixture.Blobs.FindAsync(renewed.Blob, Token));
            Assert.Equal(minutes < 10, await _fixture.Blobs.FindAsync(left.Blob, Token) is not null);
        }

        // The last one is valid for five minutes, and its blob is held a little longer.
        _fixture.Clock.Advance(TimeSpan.FromMinutes(5));
        await _fixture.Store.Reclaim.RunOnceAsync(null, Token);
        Assert.NotNull(await _fixture.Blobs.FindAsync(renewed.Blob, Token));
        Assert.Null(await _renewal.RenewAsync(capability, Zone, Token));
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        await _fixture.Store.Reclaim.RunOnceAsync(null, Token);
        Assert.Null(await _fixture.Blobs.FindAsync(renewed.Blob, Token));
        Assert.Equal(0, _fixture.Store.Leases.Count);
    }

    [Fact]
    public async Task Renewals_end_a_day_after_the_first()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", StoreFixture.Bytes(1000));
        string? capability = (await PlanAsync(bucket, "key")).Capability;
        int renewals = 0;
        while (capability is not null)
        {
            _fixture.Clock.Advance(TimeSpan.FromMinutes(4));
            capability = await _renewal.RenewAsync(capability, Zone, Token);
            Assert.True(++renewals < 1000);
        }

        Assert.Equal(24 * 60 / 4, renewals);
    }

    [Fact]
    public async Task A_renewed_one_is_for_the_same_bytes_and_only_for_its_zone()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", StoreFixture.Bytes(1000));
        string first = (await PlanAsync(bucket, "key")).Capability;
        Assert.Null(await _renewal.RenewAsync(first, "other", Token));
        Assert.Null(await _renewal.RenewAsync(first[..^2] + "AA", Zone, Token));
        Assert.Null(await _renewal.RenewAsync("", Zone, Token));
        Assert.Equal(0, _fixture.Store.Leases.Count);
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        string second = Assert.IsType<string>(await _renewal.RenewAsync(first, Zone, Token));
        Assert.True(BlobCapability.TryRead(first, out BlobCapability? before));
        Assert.True(BlobCapability.TryRead(second, out BlobCapability? after));
        Assert.Equal(before with { Since = after.Since, Expires = after.Expires, Epoch = after.Epoch }, after);
        Assert.Equal((before.Expires - 300, before.Expires + 60), (after.Since, after.Expires));
        Assert.Equal((CapabilityStatus.Valid, after), await _renewal.VerifyAsync(second, Zone, Token));
    }

    [Fact]
    public async Task What_continues_a_plan_ends_a_day_after_the_first_plan_too()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", StoreFixture.Bytes(1000));
        string continuation = Assert.IsType<string>(await _planner.BeginAsync(await _fixture.FindAsync(bucket, "key"), Zone, Token));
        long end = _fixture.Clock.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();
        _fixture.Clock.Advance(TimeSpan.FromHours(23));
        ReadPlan plan = Assert.IsType<ReadPlan>(await _planner.ContinueAsync(continuation, Zone, Token));
        Assert.Equal(end - (55 * 60 * 1000), plan.Expires);
        string? capability = plan.Extents[0].Capability;
        int renewals = 0;
        for (; capability is not null && renewals < 1000; renewals++)
        {
            _fixture.Clock.Advance(TimeSpan.FromMinutes(4));
            capability = await _renewal.RenewAsync(capability, Zone, Token);
        }

        Assert.Equal(60 / 4, renewals);

        // In its last minutes what it gives is valid for no longer than itself.
        continuation = Assert.IsType<string>(await _planner.BeginAsync(await _fixture.FindAsync(bucket, "key"), Zone, Token));
        end = _fixture.Clock.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();
        _fixture.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1));
        await _fixture.DeleteAsync(bucket, "key");
        plan = Assert.IsType<ReadPlan>(await _planner.ContinueAsync(continuation, Zone, Token));
        Assert.Equal(end, plan.Expires);
        Assert.Equal(1, _fixture.Store.Leases.Count);
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await _renewal.RenewAsync(plan.Extents[0].Capability, Zone, Token));
        Assert.Null(await _planner.ContinueAsync(continuation, Zone, Token));
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _fixture.Store.Leases.Count);
    }

    [Fact]
    public async Task What_still_has_its_object_takes_no_place_of_what_has_none()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", StoreFixture.Bytes(1000));
        PlannedExtent planned = await PlanAsync(bucket, "key");
        string? capability = await _renewal.RenewAsync(planned.Capability, Zone, Token);
        Assert.Equal((1, (0, 0L)), (_fixture.Store.Leases.Count, _fixture.Store.Leases.Held));
        await _fixture.DeleteAsync(bucket, "key");
        for (int minutes = 0; minutes < 12; minutes += 4)
        {
            await _fixture.Store.Reclaim.RunOnceAsync(null, Token);
            Assert.Equal((0, 0L), _fixture.Store.Leases.Held);
            _fixture.Clock.Advance(TimeSpan.FromMinutes(4));
            capability = await _renewal.RenewAsync(capability!, Zone, Token);
        }

        // It is due now.
        await _fixture.Store.Reclaim.RunOnceAsync(null, Token);
        BlobInfo blob = (await _fixture.Blobs.FindAsync(planned.Blob, Token))!.Value;
        Assert.Equal((1, blob.Length), _fixture.Store.Leases.Held);
    }

    [Fact]
    public void So_many_bytes_are_held_and_no_more_and_half_of_them_by_one_zone()
    {
        BlobLeases leases = _fixture.Store.Leases;
        long expires = _fixture.Clock.GetUtcNow().ToUnixTimeSeconds() + 300;
        const long Half = BlobLeases.MaxBytes / 2;
        leases.Add(Blob(1), "a", expires, Half - 10);
        leases.Add(Blob(2), "a", expires, 11);
        leases.Add(Blob(3), "a", expires + 60, 10);
        Assert.Equal((true, false, true), (leases.IsHeld(Blob(1)), leases.IsHeld(Blob(2)), leases.IsHeld(Blob(3))));
        Assert.Equal((2, Half), leases.Held);

        // The other half is for others, whatever that one asks for.
        leases.Add(Blob(4), "b", expires, Half - 1);
        leases.Add(Blob(5), "c", expires, 2);
        leases.Add(Blob(6), "c", expires, 1);
        Assert.Equal((true, false, true), (leases.IsHeld(Blob(4)), leases.IsHeld(Blob(5)), leases.IsHeld(Blob(6))));
        Assert.Equal((4, BlobLeases.MaxBytes), leases.Held);
        _fixture.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal((1, 10L), leases.Held);
    }

    [Fact]
    public void So_many_blobs_are_held_and_no_more_and_half_of_them_by_one_zone()
    {
        BlobLeases leases = _fixture.Store.Leases;
        long expires = _fixture.Clock.GetUtcNow().ToUnixTimeSeconds() + 300;
        const int OfZone = BlobLeases.MaxLeases / 2, HeldOfZone = BlobLeases.MaxBlobs / 2;
        foreach ((string zone, int first) in new[] { ("a", 0), ("b", OfZone) })
        {
            for (int i = 0; i < OfZone; i++)
            {
                Assert.True(leases.Add(Blob(first + i), zone, expires, 1));
            }

            Assert.False(leases.Add(Blob(-1), zone, expires, 1));
            Assert.True(leases.Add(Blob(first), zone, expires + 1, 1));
            for (int i = 0; i < HeldOfZone; i++)
            {
                Assert.True(leases.IsHeld(Blob(first + i)));
            }

            Assert.False(leases.IsHeld(Blob(first + HeldOfZone)));
        }

        Assert.False(leases.Add(Blob(-1), "c", expires, 1));
        Assert.False(leases.IsHeld(Blob(-1)));
        Assert.Equal((BlobLeases.MaxBlobs, (long)BlobLeases.MaxBlobs), leases.Held);
        _fixture.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.False(leases.IsHeld(Blob(1)));
        Assert.True(leases.Add(Blob(-1), "c", expires + 600, 1));
        Assert.True(leases.IsHeld(Blob(-1)));

        // And the first one of each, which was leased for a second more.
        Assert.Equal((3, 3L), leases.Held);
    }

    [Fact]
    public void What_several_zones_read_is_held_on_the_account_of_one_that_has_room_for_as_long_as_one_reads_it()
    {
        BlobLeases leases = _fixture.Store.Leases;
        long expires = _fixture.Clock.GetUtcNow().ToUnixTimeSeconds() + 300;
        leases.Add(Blob(1), "a", expires + 600, BlobLeases.MaxBytes / 2);
        Assert.True(leases.IsHeld(Blob(1)));
        leases.Add(Blob(2), "b", expires, 10);
        leases.Add(Blob(2), "a", expires + 600, 10);
        leases.Add(Blob(2), "c", expires + 60, 10);
        Assert.True(leases.IsHeld(Blob(2)));
        Assert.Equal((4, (2, (BlobLeases.MaxBytes / 2) + 10)), (leases.Count, leases.Held));

        // Two have ended, in which of them it was held before or not; the third has no room.
        _fixture.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.True(leases.IsHeld(Blob(2)));
        Assert.Equal((3, (2, (BlobLeases.MaxBytes / 2) + 10)), (leases.Count, leases.Held));
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(leases.IsHeld(Blob(2)));
        Assert.Equal((2, (1, BlobLeases.MaxBytes / 2), 1), (leases.Count, leases.Held, leases.Zones));
        _fixture.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal((0, (0, 0L), 0), (leases.Count, leases.Held, leases.Zones));
    }

    [Fact]
    public async Task A_lease_ends_when_its_blob_is_gone()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", StoreFixture.Bytes(1000));
        PlannedExtent planned = await PlanAsync(bucket, "key");
        string? capability = await _renewal.RenewAsync(planned.Capability, Zone, Token);
        Assert.True(_fixture.Store.Leases.IsHeld(planned.Blob));
        _fixture.Store.Leases.Add(planned.Blob, "other", _fixture.Clock.GetUtcNow().ToUnixTimeSeconds() + 300, 1000);
        await _fixture.Blobs.DeleteAsync(planned.Blob, Token);
        Assert.Null(await _renewal.RenewAsync(capability!, Zone, Token));
        Assert.Equal((0, (0, 0L), 0), (_fixture.Store.Leases.Count, _fixture.Store.Leases.Held, _fixture.Store.Leases.Zones));
    }

    private static BlobId Blob(int number) => new(new Id128((ulong)number, 1));

    [Fact]
    public async Task A_plan_goes_on_with_what_was_deleted_and_holds_it()
    {
        Bucket bucket = await _fixture.BucketAsync();
        byte[] bytes = StoreFixture.Bytes(1000);
        await _fixture.PutAsync(bucket, "key", bytes);
        StoredObject found = await _fixture.FindAsync(bucket, "key");
        string continuation = Assert.IsType<string>(await _planner.BeginAsync(found, Zone, Token));
        Assert.NotNull(await _planner.ContinueAsync(continuation, Zone, Token));
        Assert.Equal(0, _fixture.Store.Leases.Count);
        await _fixture.DeleteAsync(bucket, "key");
        _fixture.Clock.Advance(TimeSpan.FromMinutes(9));
        ReadPlan plan = Assert.IsType<ReadPlan>(await _planner.ContinueAsync(continuation, Zone, Token));
        _fixture.Clock.Advance(TimeSpan.FromMinutes(4));
        await _fixture.Store.Reclaim.RunOnceAsync(null, Token);
        await using OpenBlocks open = Assert.IsType<OpenBlocks>(await _fixture.Store.Blocks.OpenAsync(plan.Extents[0].Blob, 1000, Token));
        byte[] read = new byte[1000];
        await open.ReadAsync(0, read, Token);
        Assert.Equal(bytes, read);

        _fixture.Clock.Advance(TimeSpan.FromMinutes(10));
        await _fixture.Store.Reclaim.RunOnceAsync(null, Token);
        Assert.Null(await _fixture.Store.Blocks.OpenAsync(plan.Extents[0].Blob, 1000, Token));
    }

    [Fact]
    public async Task A_long_range_is_planned_in_pieces_that_add_up()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", StoreFixture.Bytes(1000));
        StoredObject small = await _fixture.FindAsync(bucket, "key");
        Core.Objects.Ownership.Extent run = Assert.IsType<Core.Objects.Ownership.ObjectData.Extents>(small.Record.Data).List[0];

        // An object of 2.5 GiB that nobody has to write, in runs that end nowhere in particular; and one of more runs than a plan has.
        foreach ((long length, int count) in new[] { (700_000_001L, 4), (7L, 3000) })
        {
            List<Core.Objects.Ownership.Extent> runs = [.. Enumerable.Range(0, count).Select(i => run with { Offset = i * 10, Length = length })];
            var found = new StoredObject(small.Key, small.Row, (small.Record with { Size = length * count, Data = new Core.Objects.Ownership.ObjectData.Extents(runs) }).Encode());
            string? next = null;
            long at = 5, end = found.Size - 3;
            ReadPlan? plan = await _planner.PlanAsync(found, at, end - at, Zone, Token);
            if (count > 1000)
            {
                // Its row is too large to be carried along, so it is answered without a plan.
                Assert.Null(plan);
                continue;
            }

            do
            {
                Assert.NotNull(plan);
                Assert.Equal(PlanStatus.Valid, ReadPlan.TryDecode(plan.Encode(), out _));
                Assert.Equal(at, plan.Start);
                Assert.True(plan.Length <= ReadPlan.MaxLength);
                foreach (PlannedExtent extent in plan.Extents)
                {
                    int index = (int)(at / length);
                    Assert.Equal((runs[index].Offset, length, runs[index].Offset + (at % length)), (extent.Offset, extent.Length, extent.From));
                    at += extent.To - extent.From;
                }

                next = plan.Next;
                plan = next is null ? null : await _planner.ContinueAsync(next, Zone, Token);
            }
            while (next is not null);
            Assert.Equal(end, at);
        }
    }

    private async Task<PlannedExtent> PlanAsync(Bucket bucket, string key)
    {
        StoredObject found = await _fixture.FindAsync(bucket, key);
        return Assert.Single(Assert.IsType<ReadPlan>(await _planner.PlanAsync(found, 0, found.Size, Zone, Token)).Extents);
    }

    /// <summary>Secrets as they are.</summary>
    private sealed class PlainSecrets : ISecretProtector
    {
        public byte[] Protect(string subject, string secret) => System.Text.Encoding.UTF8.GetBytes(secret);

        public string Unprotect(string subject, byte[] protectedSecret) => System.Text.Encoding.UTF8.GetString(protectedSecret);
    }
}

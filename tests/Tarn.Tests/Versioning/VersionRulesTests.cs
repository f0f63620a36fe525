using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.TestKit.Clocks;

namespace Tarn.Tests.Versioning;

/// <summary>Source: Amazon S3 User Guide, "Working with objects in a versioning-enabled bucket" and "… in a versioning-suspended bucket".</summary>
public sealed class VersionRulesTests
{
    [Fact]
    public async Task What_was_there_before_becomes_the_null_version()
    {
        await using VersionedBucket bucket = await VersionedBucket.OpenAsync(VersioningState.Never);
        Assert.Equal("null", await bucket.PutAsync("key", "old"));
        await bucket.SetAsync(VersioningState.Enabled);
        Assert.Equal(["null*"], await bucket.VersionsAsync());
        string second = await bucket.PutAsync("key", "new");
        Assert.Equal([second + "*", "null"], await bucket.VersionsAsync());
        Assert.Equal("old", await bucket.GetAsync("key", "null"));
        Assert.Equal("new", await bucket.GetAsync("key"));
    }

    [Fact]
    public async Task Suspended_replaces_the_null_version_among_older_ones()
    {
        await using VersionedBucket bucket = await VersionedBucket.OpenAsync(VersioningState.Never);
        await bucket.PutAsync("key", "first null");
        await bucket.SetAsync(VersioningState.Enabled);
        string one = await bucket.PutAsync("key", "one");
        await bucket.SetAsync(VersioningState.Suspended);
        Assert.Equal("null", await bucket.PutAsync("key", "second null"));
        Assert.Equal(["null*", one], await bucket.VersionsAsync());
        Assert.Equal("second null", await bucket.GetAsync("key", "null"));
        Assert.Empty(await bucket.RowsAsync(Tables.NullVersion));
    }

    [Fact]
    public async Task Suspended_delete_makes_the_null_version_a_marker()
    {
        await using VersionedBucket bucket = await VersionedBucket.OpenAsync(VersioningState.Enabled);
        string one = await bucket.PutAsync("key", "one");
        await bucket.SetAsync(VersioningState.Suspended);
        await bucket.PutAsync("key", "null");
        Assert.Equal(new DeleteOutcome("null", true), await bucket.DeleteAsync("key"));
        Assert.Equal(["null*", one], await bucket.VersionsAsync());
        Assert.Null(await bucket.GetAsync("key"));
        Assert.Equal("(marker)", await bucket.GetAsync("key", "null"));
        Assert.Equal(new DeleteOutcome("null", true), await bucket.DeleteAsync("key"));
        Assert.Equal(["null*", one], await bucket.VersionsAsync());
        await bucket.PutAsync("key", "again");
        Assert.Equal(["null*", one], await bucket.VersionsAsync());
        Assert.Equal("again", await bucket.GetAsync("key", "null"));
    }

    [Fact]
    public async Task Deleting_the_newest_brings_back_the_one_before_object_or_marker()
    {
        await using VersionedBucket bucket = await VersionedBucket.OpenAsync(VersioningState.Enabled);
        string one = await bucket.PutAsync("key", "one");
        string marker = (await bucket.DeleteAsync("key")).VersionName!;
        string two = await bucket.PutAsync("key", "two");
        Assert.Equal(new DeleteOutcome(two, false), await bucket.DeleteAsync("key", two));
        Assert.Null(await bucket.GetAsync("key"));
        Assert.Equal([marker + "*", one], await bucket.VersionsAsync());
        Assert.Equal(new DeleteOutcome(marker, true), await bucket.DeleteAsync("key", marker));
        Assert.Equal("one", await bucket.GetAsync("key"));
        Assert.Equal([one + "*"], await bucket.VersionsAsync());
    }

    [Fact]
    public async Task A_delete_of_a_key_that_never_was_leaves_a_marker()
    {
        await using VersionedBucket bucket = await VersionedBucket.OpenAsync(VersioningState.Enabled);
        DeleteOutcome made = await bucket.DeleteAsync("key");
        Assert.True(made.IsDeleteMarker);
        Assert.Equal([made.VersionName + "*"], await bucket.VersionsAsync());
        S3Exception refused = await Assert.ThrowsAsync<S3Exception>(async () => await bucket.Store.Buckets.DeleteAsync(await bucket.NowAsync(), VersionedBucket.Token));
        Assert.Equal(S3Error.BucketNotEmpty, refused.Error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3_600_000)]
    public async Task Order_is_that_of_the_writes_whatever_the_clock_says(int millisecondsPerWrite)
    {
        await using VersionedBucket bucket = await VersionedBucket.OpenAsync(VersioningState.Enabled);
        var names = new List<string>();
        for (int i = 0; i < 50; i++)
        {
            names.Insert(0, i % 5 == 4 ? (await bucket.DeleteAsync("key")).VersionName! : await bucket.PutAsync("key", $"{i}"));
            bucket.Clock.Shift(TimeSpan.FromMilliseconds(millisecondsPerWrite));
        }

        names[0] += "*";
        Assert.Equal(names, await bucket.VersionsAsync());
        Assert.Equal(names, await bucket.VersionsAsync(pageSize: 7));
    }

    [Fact]
    public async Task A_copy_into_a_bucket_that_never_kept_versions_is_a_null_version()
    {
        await using VersionedBucket bucket = await VersionedBucket.OpenAsync(VersioningState.Enabled);
        string one = await bucket.PutAsync("key", "one");
        await bucket.PutAsync("key", "two");
        BucketName plain = BucketName.FromStorage("plain");
        await bucket.Store.Buckets.CreateAsync(plain, VersionedBucket.Owner, "Owner", "us-east-1", VersionedBucket.Token);
        Bucket destination = await bucket.Store.Buckets.GetAsync(plain, VersionedBucket.Token);
        StoredObject copy = await bucket.CopyAsync("key", one, "copy", destination);
        Assert.Equal("null", copy.VersionName);
        Assert.Equal(0, copy.Record.NoncurrentSince);
        await bucket.Store.Deleter.DeleteAsync(destination, copy.Key, "null", VersionedBucket.Owner, DeleteCondition.None, VersionedBucket.Token);
        Assert.Null(await bucket.Store.Reader.FindAsync(destination, copy.Key, VersionedBucket.Token));
    }

    [Fact]
    public async Task A_copy_of_an_older_version_is_current_since_now()
    {
        await using VersionedBucket bucket = await VersionedBucket.OpenAsync(VersioningState.Enabled);
        string one = await bucket.PutAsync("key", "one");
        await bucket.PutAsync("key", "two");
        StoredObject restored = await bucket.CopyAsync("key", one, "key");
        Assert.Equal(0, restored.Record.NoncurrentSince);
        Assert.Equal("one", await bucket.GetAsync("key"));
        Assert.Equal(3, (await bucket.VersionsAsync()).Count);
    }

    [Fact]
    public async Task Removing_the_newest_again_and_again_costs_the_same_each_time()
    {
        const int Versions = 10_000;
        var rows = new ObservedStore(new MemoryKeyValueStore()) { CountsDeleted = true };
        await using VersionedBucket bucket = await VersionedBucket.OpenAsync(VersioningState.Enabled, rows);
        var names = new Stack<string>();
        for (int i = 0; i < Versions; i++)
        {
            names.Push(await bucket.PutAsync("key", ""));
        }

        Bucket now = await bucket.NowAsync();
        while (names.TryPop(out string? newest))
        {
            long before = rows.RowsRead;
            await bucket.Store.Deleter.DeleteAsync(now, VersionedBucket.Key("key"), newest, VersionedBucket.Owner, DeleteCondition.None, VersionedBucket.Token);
            Assert.InRange(rows.RowsRead - before, 1, 5);
        }

        Assert.Empty(await bucket.VersionsAsync());
        await bucket.AssertNothingLeftAsync();
    }
}

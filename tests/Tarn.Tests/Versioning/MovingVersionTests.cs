using System.Text;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;

namespace Tarn.Tests.Versioning;

/// <summary>Versions move between tables during a lookup: one that exists throughout must be found.</summary>
public sealed class MovingVersionTests
{
    [Fact]
    public async Task A_version_that_is_promoted_while_it_is_looked_for_is_found()
    {
        (VersionedBucket bucket, ObservedStore rows) = await OpenAsync();
        string first = await bucket.PutAsync("key", "one");
        string second = await bucket.PutAsync("key", "two");
        OnceBefore(rows, Tables.History, () => bucket.DeleteAsync("key", second));
        Assert.Equal("one", await bucket.GetAsync("key", first));
    }

    [Fact]
    public async Task A_null_version_that_is_promoted_while_it_is_looked_for_is_found()
    {
        (VersionedBucket bucket, ObservedStore rows) = await OpenAsync(VersioningState.Never);
        await bucket.PutAsync("key", "null");
        await bucket.SetAsync(VersioningState.Enabled);
        string second = await bucket.PutAsync("key", "two");
        OnceBefore(rows, Tables.History, () => bucket.DeleteAsync("key", second));
        Assert.Equal("null", await bucket.GetAsync("key", VersionId.Null));
    }

    [Fact]
    public async Task A_version_that_is_promoted_while_it_is_deleted_is_deleted()
    {
        (VersionedBucket bucket, ObservedStore rows) = await OpenAsync();
        string first = await bucket.PutAsync("key", "one");
        string second = await bucket.PutAsync("key", "two");
        OnceBefore(rows, Tables.History, () => bucket.DeleteAsync("key", second));
        await bucket.DeleteAsync("key", first);
        Assert.Empty(await bucket.VersionsAsync());
        await bucket.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task A_condition_on_a_version_that_is_promoted_meanwhile_holds()
    {
        (VersionedBucket bucket, ObservedStore rows) = await OpenAsync();
        string first = await bucket.PutAsync("key", "one");
        string second = await bucket.PutAsync("key", "two");
        OnceBefore(rows, Tables.History, () => bucket.DeleteAsync("key", second));
        await bucket.DeleteAsync("key", first, new DeleteCondition("*"));
        Assert.Empty(await bucket.VersionsAsync());
    }

    [Fact]
    public async Task Listing_goes_on_behind_a_null_version_that_was_deleted_since()
    {
        (VersionedBucket bucket, _) = await OpenAsync();
        string first = await bucket.PutAsync("key", "one");
        await bucket.SetAsync(VersioningState.Suspended);
        await bucket.PutAsync("key", "null");
        var query = new VersionQuery { MaxKeys = 1 };
        VersionPage page = await bucket.Store.Versions.ListAsync(await bucket.NowAsync(), query, VersionedBucket.Token);
        Assert.Equal(VersionId.Null, page.LastVersion);
        await bucket.DeleteAsync("key", VersionId.Null);
        query = query with { KeyMarker = page.LastKey, VersionMarker = page.LastVersion };
        page = await bucket.Store.Versions.ListAsync(await bucket.NowAsync(), query, VersionedBucket.Token);
        Assert.Equal(first, Assert.Single(page.Versions).Version.VersionName);
    }

    [Fact]
    public async Task Listing_goes_on_behind_a_version_that_was_deleted_since()
    {
        (VersionedBucket bucket, _) = await OpenAsync();
        string[] names = [await bucket.PutAsync("key", "1"), await bucket.PutAsync("key", "2"), await bucket.PutAsync("key", "3")];
        var query = new VersionQuery { KeyMarker = Encoding.UTF8.GetBytes("key"), VersionMarker = names[1] };
        await bucket.DeleteAsync("key", names[2]);
        await bucket.DeleteAsync("key", names[1]);
        VersionPage page = await bucket.Store.Versions.ListAsync(await bucket.NowAsync(), query, VersionedBucket.Token);
        ListedVersion left = Assert.Single(page.Versions);
        Assert.Equal(names[0], left.Version.VersionName);
        Assert.True(left.IsLatest);
    }

    [Fact]
    public async Task A_version_that_is_promoted_while_a_page_is_read_is_on_it_once()
    {
        (VersionedBucket bucket, ObservedStore rows) = await OpenAsync();
        string first = await bucket.PutAsync("key", "one");
        string second = await bucket.PutAsync("key", "two");
        OnceBefore(rows, Tables.History, () => bucket.DeleteAsync("key", second));
        Assert.Equal([$"{second}*", first], await bucket.VersionsAsync());
        Assert.Equal([$"{first}*"], await bucket.VersionsAsync());
    }

    [Fact]
    public async Task A_version_that_is_replaced_while_a_page_is_read_is_on_it_once()
    {
        (VersionedBucket bucket, ObservedStore rows) = await OpenAsync();
        string first = await bucket.PutAsync("key", "one");
        OnceBefore(rows, Tables.History, () => bucket.PutAsync("key", "two"));
        Assert.Equal([$"{first}*"], await bucket.VersionsAsync());
    }

    /// <summary>One round trip finds a version and its tags, wherever among the versions it is.</summary>
    [Fact]
    public async Task Looking_a_version_up_is_one_read()
    {
        (VersionedBucket bucket, ObservedStore rows) = await OpenAsync(VersioningState.Never);
        await bucket.PutAsync("key", "null");
        await bucket.SetAsync(VersioningState.Enabled);
        string first = await bucket.PutAsync("key", "one");
        string second = await bucket.PutAsync("key", "two");
        Bucket now = await bucket.NowAsync();
        Assert.True(ObjectKey.TryCreate("key", out ObjectKey key));
        foreach (string? version in new[] { null, first, second })
        {
            int calls = rows.Calls;
            Assert.NotNull(await bucket.Store.Reader.FindAsync(now, key, version, VersionedBucket.Token));
            Assert.Equal(calls + 1, rows.Calls);
        }
    }

    private static async Task<(VersionedBucket Bucket, ObservedStore Rows)> OpenAsync(VersioningState state = VersioningState.Enabled)
    {
        var rows = new ObservedStore(new MemoryKeyValueStore());
        return (await VersionedBucket.OpenAsync(state, rows), rows);
    }

    private static void OnceBefore(ObservedStore rows, byte table, Func<Task> act) => rows.BeforeRead = async key =>
    {
        if (key[0] == table)
        {
            rows.BeforeRead = null;
            await act();
        }
    };
}

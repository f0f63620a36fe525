using System.Diagnostics;
using Tarn.Core;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Lifecycle;
using Tarn.Core.Sharing;
using Tarn.Core.Telemetry;
using Tarn.TestKit.Stores;
using Tarn.Tests.Lifecycle;
using Tarn.Tests.Objects;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Telemetry;

public sealed class BackgroundSpanTests : IDisposable
{
    private readonly KeptSpans _spans = new(CoreTelemetry.Name);
    private readonly StoreFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reclaiming_has_one_with_its_counts_only_if_something_is_due()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "a", StoreFixture.Bytes(1000));
        await _fixture.DeleteAsync(bucket, "a");
        Assert.Equal(0, await _fixture.Store.Reclaim.RunOnceAsync(failed: null, Token));
        Assert.Empty(_spans.Ended);
        _fixture.Clock.Advance(StoreFixture.Grace + TimeSpan.FromSeconds(1));
        Assert.Equal(1, await _fixture.Store.Reclaim.RunOnceAsync(failed: null, Token));
        Dictionary<string, object?> tags = _spans.Single("Reclaim");
        Assert.Equal((1L, 1), (tags["tarn.reclaim.due"], tags["tarn.reclaim.handled"]));
    }

    [Fact]
    public async Task A_failure_is_the_spans_error()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "a", StoreFixture.Bytes(1000));
        await _fixture.DeleteAsync(bucket, "a");
        _fixture.Clock.Advance(StoreFixture.Grace + TimeSpan.FromSeconds(1));
        var hooked = new HookedKeyValueStore(_fixture.KeyValue) { BeforeCommit = _ => throw new IOException("full") };
        await Assert.ThrowsAsync<IOException>(() => _fixture.Open(hooked, _fixture.Blobs).Reclaim.RunOnceAsync(failed: null, Token));
        Assert.Equal("IOException", _spans.Single("Reclaim")["error.type"]);
        Assert.Equal(ActivityStatusCode.Error, Assert.Single(_spans.Ended).Status);
    }

    [Fact]
    public async Task A_walk_of_a_bucket_has_one_with_its_own_counts()
    {
        var target = new FakeLifecycleTarget { Rules = LifecycleConfiguration.Create([new() { Id = "r", Expiration = new(1) }]) };
        target.Keys["old"] = [LifecycleWorkerTests.Object("old", 0)];
        target.Keys["new"] = [LifecycleWorkerTests.Object("new", 50)];
        await using var rows = new MemoryKeyValueStore();
        _fixture.Clock.SetUtcNow(LifecycleWorkerTests.Start.AddDays(50));
        var worker = new LifecycleWorker(rows, target, new LifecycleOptions(), _fixture.Clock);
        await worker.RunOnceAsync(static e => throw e, Token);
        await worker.RunOnceAsync(static e => throw e, Token);
        Dictionary<string, object?> tags = _spans.Single("Lifecycle");
        Assert.Equal((2L, 1L, 0L), (tags["tarn.lifecycle.examined"], tags["tarn.lifecycle.expired"], tags["tarn.lifecycle.changed"]));
    }

    [Fact]
    public async Task A_sweep_of_share_links_has_one_only_if_a_link_has_expired()
    {
        var links = new ShareLinks(_fixture.KeyValue, SharingServer.Ring(_fixture.KeyValue), _fixture.Clock, SystemRandomSource.Instance);
        await links.CreateAsync("acme", "owner", new ShareTarget("dsk", 7, "a"u8.ToArray(), null), TimeSpan.FromHours(1), "acme", Token);
        Assert.Equal(0, await links.SweepAsync(Token));
        Assert.Empty(_spans.Ended);
        _fixture.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, await links.SweepAsync(Token));
        Assert.Equal(1, _spans.Single("SweepShareLinks")["tarn.share_links.removed"]);
    }

    public void Dispose() => _spans.Dispose();
}

using Microsoft.Extensions.Time.Testing;
using Tarn.Core.KeyValue;
using Tarn.Core.Telemetry;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Telemetry;

public sealed class RequestTimesTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task What_runs_for_no_request_is_not_measured_for_one_that_runs_elsewhere()
    {
        RequestTimes elsewhere = await Task.Run(() => RequestTimes.Begin(_time));
        Assert.False(RequestTimes.IsMeasuring);
        using (RequestTimes.Measure(RequestStage.Blob, "blob"))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((TimeSpan.Zero, 0), (elsewhere.Of(RequestStage.Blob), elsewhere.Calls(RequestStage.Blob)));
    }

    [Fact]
    public async Task The_time_of_a_stage_is_without_that_of_stages_inside_it()
    {
        RequestTimes times = RequestTimes.Begin(_time);
        using (RequestTimes.Measure(RequestStage.Authentication, "authentication"))
        {
            _time.Advance(TimeSpan.FromMilliseconds(5));
            await SpendAsync(RequestStage.Metadata, 20);
            await SpendAsync(RequestStage.Metadata, 1);
        }

        using (RequestTimes.Measure(RequestStage.Send, "send"))
        {
            await SpendAsync(RequestStage.Blob, 30);
            _time.Advance(TimeSpan.FromMilliseconds(7));
        }

        Assert.Equal((5.0, 1), (times.Of(RequestStage.Authentication).TotalMilliseconds, times.Calls(RequestStage.Authentication)));
        Assert.Equal((21.0, 2), (times.Of(RequestStage.Metadata).TotalMilliseconds, times.Calls(RequestStage.Metadata)));
        Assert.Equal((30.0, 7.0), (times.Of(RequestStage.Blob).TotalMilliseconds, times.Of(RequestStage.Send).TotalMilliseconds));
        Assert.Equal(0, times.Calls(RequestStage.Wait));
    }

    [Fact]
    public async Task Requests_at_the_same_time_have_their_own()
    {
        using var both = new Barrier(2);
        RequestTimes[] times = await Task.WhenAll(Enumerable.Range(1, 2).Select(count => Task.Run(async () =>
        {
            RequestTimes mine = RequestTimes.Begin(TimeProvider.System);
            both.SignalAndWait();
            for (int i = 0; i < count; i++)
            {
                using StageTimer timer = RequestTimes.Measure(RequestStage.Blob, "blob");
                await Task.Yield();
            }

            return mine;
        })));
        Assert.Equal([1, 2], times.Select(it => it.Calls(RequestStage.Blob)));
    }

    [Fact]
    public async Task A_store_adds_its_time_and_only_for_a_request()
    {
        await using var rows = new MemoryKeyValueStore();
        var hooked = new HookedKeyValueStore(rows);
        var store = new MeasuredKeyValueStore(hooked);
        var batch = new KeyValueBatch();
        batch.Put([1], [2]);
        Assert.True(await store.CommitAsync(batch, TestContext.Current.CancellationToken));
        hooked.BeforeCommit = _ =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(40));
            return Task.CompletedTask;
        };
        RequestTimes times = RequestTimes.Begin(_time);
        Assert.True(await store.CommitAsync(batch, TestContext.Current.CancellationToken));
        Assert.Equal([2], await store.GetAsync([1], TestContext.Current.CancellationToken));
        Assert.Single(await store.ScanAsync([0], [9], 10, reverse: false, TestContext.Current.CancellationToken));
        await using (IKeyValueSnapshot snapshot = await store.OpenSnapshotAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal([[2]], await snapshot.GetAsync([[1]], TestContext.Current.CancellationToken));
        }

        Assert.Equal((40.0, 4), (times.Of(RequestStage.Metadata).TotalMilliseconds, times.Calls(RequestStage.Metadata)));
    }

    private async Task SpendAsync(RequestStage stage, int milliseconds)
    {
        using StageTimer timer = RequestTimes.Measure(stage, "inside");
        await Task.Yield();
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }
}

using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.Core.Samples;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Samples;

/// <content>What is kept, and what is written while time passes or the server stops.</content>
public sealed partial class SampleTests
{
    [Fact]
    public async Task A_sample_goes_when_so_many_others_have_come_as_are_kept()
    {
        Bucket bucket = await _fixture.BucketAsync();
        uint hour = Now, day = SampleStep.Day.NumberOf(_fixture.Clock.GetUtcNow());
        for (int i = 0; i < SampleStep.Day.Kept; i++)
        {
            _fixture.Clock.Advance(TimeSpan.FromDays(1));
            await LookAsync();
        }

        for (int i = SampleStep.Day.Kept; i < SampleStep.Hour.Kept; i++)
        {
            await NextHourAsync();
        }

        Assert.Equal((SampleStep.Hour.Kept, hour), ((await HoursAsync(bucket)).Count, (await HoursAsync(bucket))[0].Number));
        await NextHourAsync();
        Assert.Equal((SampleStep.Hour.Kept, hour + 24), ((await HoursAsync(bucket)).Count, (await HoursAsync(bucket))[0].Number));
        IReadOnlyList<(uint Number, BucketSample Sample)> days = await DaysAsync(bucket);
        Assert.Equal(SampleStep.Day.Kept, days.Count);
        Assert.NotEqual(day, days[0].Number);
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task A_clock_that_is_years_ahead_for_a_day_removes_nothing_and_sampling_goes_on_when_it_is_right_again()
    {
        Bucket bucket = await _fixture.BucketAsync();
        uint first = Now;
        for (int i = 0; i < 30; i++)
        {
            await NextHourAsync();
        }

        DateTimeOffset right = _fixture.Clock.GetUtcNow();
        _fixture.Clock.AdjustTime(right.AddYears(10));
        for (int i = 0; i < 30; i++)
        {
            await NextHourAsync();
        }

        _fixture.Clock.AdjustTime(right.AddHours(30));
        await LookAsync();
        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 7, 0));
        await NextHourAsync();
        uint last = Now - 1;
        Assert.Equal([.. Enumerable.Range((int)first, 31).Select(static at => (uint)at), last], (await HoursAsync(bucket)).Select(static at => at.Number).Where(at => at <= last));
        Assert.Equal(7, (await HoursAsync(bucket)).Single(at => at.Number == last).Sample.Activity.BytesIn);
        Assert.Equal(first / 24, (await DaysAsync(bucket))[0].Number);
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task The_next_hour_begins_where_the_last_one_ended_however_long_writing_takes()
    {
        Bucket bucket = await _fixture.BucketAsync();
        StoreFixture fixture = _fixture;
        fixture.Store = fixture.Open(new HookedKeyValueStore(fixture.KeyValue) { BeforeCommit = Meanwhile }, fixture.Blobs);
        await NextHourAsync();
        await NextHourAsync();
        Assert.Equal([(3600L, 0L), (3600L, 5L)], (await HoursAsync(bucket)).Select(static at => (at.Sample.ObservedSeconds, at.Sample.Activity.BytesIn)));

        Task Meanwhile(KeyValueBatch batch)
        {
            fixture.Clock.Advance(TimeSpan.FromMinutes(20));
            fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 5, 0));
            return Task.CompletedTask;
        }
    }

    [Theory]
    [InlineData(250, 4)]
    [InlineData(750, 5)]
    public async Task Hours_that_end_while_one_is_written_have_samples_of_their_own_unless_too_many_wait(int buckets, int expected)
    {
        int pages = 0, last = (buckets + 99) / 100;
        Bucket[] all = [.. await Task.WhenAll(Enumerable.Range(0, buckets).Select(i => _fixture.BucketAsync($"bucket-{i:D3}")))];
        StoreFixture fixture = _fixture;
        var hooked = new HookedKeyValueStore(fixture.KeyValue);
        hooked.BeforeCommit = Meanwhile;
        fixture.Store = fixture.Open(hooked, fixture.Blobs);
        uint hour = Now;
        await NextHourAsync();
        Assert.Empty(_failures);
        Assert.Equal(hour + 1 + (uint)last, Now);
        foreach (Bucket bucket in (Bucket[])[all[0], all[^1]])
        {
            IReadOnlyList<(uint Number, BucketSample Sample)> hours = await HoursAsync(bucket);
            Assert.Equal(Enumerable.Range((int)hour, expected).Select(static at => (uint)at), hours.Select(static at => at.Number));
            Assert.All(hours, static at => Assert.Equal(3600, at.Sample.ObservedSeconds));

            // One request in each hour; those of the hours that were not kept apart are in the last.
            Assert.Equal([0, 1, 1, 1, .. expected > 4 ? (long[])[last - 3] : []], hours.Select(static at => at.Sample.Activity.Requests));
            Assert.Equal(last, (await DaysAsync(bucket)).Sum(static at => at.Sample.Activity.Requests));
        }

        Task Meanwhile(KeyValueBatch batch)
        {
            hooked.BeforeCommit = Meanwhile;
            if (batch.Changes.Any(static change => change.Key[0] == Tables.HourSample) && pages++ < last)
            {
                foreach (Bucket bucket in all)
                {
                    fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 1, 0));
                }

                fixture.Clock.Advance(TimeSpan.FromHours(1));
            }

            return Task.CompletedTask;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_that_fails_for_a_moment_costs_the_hour_that_is_written_and_none_that_waits(bool isStopping)
    {
        Bucket[] buckets = [.. await Task.WhenAll(Enumerable.Range(0, 350).Select(i => _fixture.BucketAsync($"bucket-{i:D3}")))];
        StoreFixture fixture = _fixture;
        var hooked = new HookedKeyValueStore(fixture.KeyValue);
        int pages = 0;
        hooked.BeforeCommit = Meanwhile;
        fixture.Store = fixture.Open(hooked, fixture.Blobs);
        uint hour = Now;
        await NextHourAsync();

        // At the third page two hours wait.
        Assert.Equal("away", Assert.Single(_failures).Message);
        Assert.Equal((3, hour + 3), (pages, Now));
        Assert.Single(await HoursAsync(buckets[0]));
        Assert.Empty(await HoursAsync(buckets[^1]));
        await (isStopping ? StopAsync() : LookAsync());
        Assert.Single(_failures);
        Assert.Equal([hour + 1, hour + 2, .. isStopping ? (uint[])[hour + 3] : []], (await HoursAsync(buckets[^1])).Select(static at => at.Number));
        Assert.Equal([0, 1, 1, .. isStopping ? (long[])[0] : []], (await HoursAsync(buckets[0])).Select(static at => at.Sample.Activity.Requests));

        Task Meanwhile(KeyValueBatch batch)
        {
            hooked.BeforeCommit = Meanwhile;
            if (!batch.Changes.Any(static change => change.Key[0] == Tables.HourSample) || pages == 3)
            {
                return Task.CompletedTask;
            }

            if (++pages == 3)
            {
                throw new IOException("away");
            }

            fixture.Store.Activity.Add(buckets[0].Id, BucketActivity.Of(200, 1, 0));
            fixture.Clock.Advance(TimeSpan.FromHours(1));
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_stop_while_an_hour_is_written_has_the_rest_of_it_written_first()
    {
        Bucket[] buckets = [.. await Task.WhenAll(Enumerable.Range(0, 250).Select(i => _fixture.BucketAsync($"bucket-{i:D3}")))];
        using var stopping = new CancellationTokenSource();
        _fixture.Store = _fixture.Open(new HookedKeyValueStore(_fixture.KeyValue) { FailScan = StopAtTheSecondPage }, _fixture.Blobs);
        uint hour = Now;
        foreach (Bucket bucket in buckets)
        {
            _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 3, 0));
        }

        _fixture.Clock.Advance(SampleStep.Hour.StartOf(hour + 1) - _fixture.Clock.GetUtcNow());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _fixture.Store.Sampling.LookAsync(_failures.Add, stopping.Token));
        Assert.Single(await HoursAsync(buckets[0]));
        Assert.Empty(await HoursAsync(buckets[249]));
        await StopAsync();
        foreach (Bucket bucket in buckets)
        {
            IReadOnlyList<(uint Number, BucketSample Sample)> hours = await HoursAsync(bucket);
            Assert.Equal([(hour, 3L), (hour + 1, 0L)], hours.Select(static at => (at.Number, at.Sample.Activity.BytesIn)));
            Assert.Equal(3, (await DaysAsync(bucket)).Sum(static at => at.Sample.Activity.BytesIn));
        }

        Assert.Empty(_failures);

        IOException? StopAtTheSecondPage(byte[] key)
        {
            if (key.AsSpan().SequenceEqual(Tables.BucketKey("bucket-150")))
            {
                stopping.Cancel();
            }

            return null;
        }
    }

    [Fact]
    public async Task A_worker_writes_at_the_end_of_each_hour_and_when_it_is_stopped_after_which_it_waits_for_nothing()
    {
        Bucket bucket = await _fixture.BucketAsync();
        uint hour = Now;
        using var stopping = new CancellationTokenSource();
        using var written = new SemaphoreSlim(0);
        var hooked = new HookedKeyValueStore(_fixture.KeyValue);
        hooked.AfterCommit = After;
        _fixture.Store = _fixture.Open(hooked, _fixture.Blobs);
        Task running = _fixture.Store.Sampling.RunAsync(_failures.Add, stopping.Token);
        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 1, 0));
        while (!await written.WaitAsync(TimeSpan.FromMilliseconds(1), Token))
        {
            _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 2, 0));
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Token));
        IReadOnlyList<(uint Number, BucketSample Sample)> hours = await HoursAsync(bucket);
        Assert.Equal((hour, 1), (hours[0].Number, hours[0].Sample.Activity.BytesIn));
        Assert.Equal(2, hours.Skip(1).Sum(static at => at.Sample.Activity.BytesIn));
        Assert.Empty(_failures);

        Task After(KeyValueBatch batch)
        {
            hooked.AfterCommit = After;
            if (batch.Changes.Any(static change => change.Key[0] == Tables.HourSample))
            {
                written.Release();
            }

            return Task.CompletedTask;
        }
    }
}

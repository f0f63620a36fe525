using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;
using Tarn.Core.Samples;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Samples;

/// <summary>Samples of buckets, on a clock that the tests set.</summary>
public sealed class SampleTests
{
    private readonly StoreFixture _fixture = new();
    private readonly List<Exception> _failures = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private uint Now => SampleStep.Hour.NumberOf(_fixture.Clock.GetUtcNow());

    [Fact]
    public async Task The_end_of_an_hour_is_sampled_with_what_a_bucket_holds_and_what_was_done_to_it()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "a", StoreFixture.Bytes(300));
        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 300, 0));
        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(404, 0, 50));
        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(503, 0, 60));
        uint hour = Now;
        await NextHourAsync();
        (uint number, BucketSample sample) = Assert.Single(await HoursAsync(bucket));
        Assert.Equal(hour, number);
        Assert.Equal((1, 300), (sample.Held.Objects, sample.Held.Bytes));
        Assert.Equal(new BucketActivity(3, 2, 1, 300, 110), sample.Activity);
        Assert.Equal(3600, sample.ObservedSeconds);
        Assert.False(sample.IsExact);

        await _fixture.Store.Recount.RunOnceAsync(Token);
        await NextHourAsync();
        sample = (await HoursAsync(bucket))[1].Sample;
        Assert.Equal(default, sample.Activity);
        Assert.True(sample.IsExact);
    }

    [Fact]
    public async Task A_day_has_the_sums_of_its_hours_and_what_the_last_one_held()
    {
        Bucket bucket = await _fixture.BucketAsync();
        uint day = SampleStep.Day.NumberOf(_fixture.Clock.GetUtcNow());
        for (int hour = 0; hour < 26; hour++)
        {
            await _fixture.PutAsync(bucket, $"k{hour}", StoreFixture.Bytes(10));
            _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 10, 0));
            await NextHourAsync();
        }

        IReadOnlyList<(uint Number, BucketSample Sample)> days = await DaysAsync(bucket);
        Assert.Equal([day, day + 1], days.Select(static at => at.Number));
        Assert.Equal((24, 24, 240, 86_400), (days[0].Sample.Activity.Requests, days[0].Sample.Held.Objects, days[0].Sample.Activity.BytesIn, days[0].Sample.ObservedSeconds));
        Assert.Equal((2, 26, 7200), (days[1].Sample.Activity.Requests, days[1].Sample.Held.Objects, days[1].Sample.ObservedSeconds));
    }

    [Fact]
    public async Task Hours_without_a_server_are_gaps_and_hours_with_one_for_a_part_say_so()
    {
        Bucket bucket = await _fixture.BucketAsync();
        uint hour = Now;
        _fixture.Clock.Advance(TimeSpan.FromMinutes(20));
        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 1, 0));
        await StopAsync();
        Restart();
        _fixture.Clock.Advance(TimeSpan.FromMinutes(10));
        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 1, 0));
        await StopAsync();
        _fixture.Clock.Advance(TimeSpan.FromHours(3));
        Restart();
        await NextHourAsync();
        IReadOnlyList<(uint Number, BucketSample Sample)> hours = await HoursAsync(bucket);
        Assert.Equal([hour, hour + 3], hours.Select(static at => at.Number));
        Assert.Equal([(1800L, 2L), (1800L, 0L)], hours.Select(static at => (at.Sample.ObservedSeconds, at.Sample.Activity.Requests)));
    }

    [Fact]
    public async Task A_clock_that_goes_back_has_no_sample_written_anew()
    {
        Bucket bucket = await _fixture.BucketAsync();
        uint hour = Now;
        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 1, 0));
        await NextHourAsync();
        _fixture.Clock.AdjustTime(_fixture.Clock.GetUtcNow() - TimeSpan.FromHours(1));
        await LookAsync();
        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 100, 0));
        await _fixture.PutAsync(bucket, "later", StoreFixture.Bytes(5));
        await NextHourAsync();
        Assert.Equal([(hour, 1L, 0L)], (await HoursAsync(bucket)).Where(at => at.Number == hour).Select(static at => (at.Number, at.Sample.Activity.Requests, at.Sample.Held.Objects)));

        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 7, 0));
        await NextHourAsync();
        Assert.Equal((7, 1), ((await HoursAsync(bucket))[^1].Sample.Activity.BytesIn, (await HoursAsync(bucket))[^1].Sample.Held.Objects));
    }

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

    [Fact]
    public async Task Samples_of_a_deleted_bucket_are_removed_and_none_are_written()
    {
        Bucket bucket = await _fixture.BucketAsync(), other = await _fixture.BucketAsync("other");
        await NextHourAsync();
        await _fixture.Store.Buckets.DeleteAsync(bucket, Token);
        await _fixture.Store.Reclaim.RunOnceAsync(null, Token);
        Assert.Empty(await HoursAsync(bucket));
        Assert.Empty(await DaysAsync(bucket));

        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(404, 0, 0));
        await NextHourAsync();
        Assert.Empty(await HoursAsync(bucket));
        Assert.Equal(0, _fixture.Store.Activity.Total(bucket.Id).Requests);
        Assert.Equal(2, (await HoursAsync(other)).Count);
    }

    [Fact]
    public async Task Buckets_that_change_or_vanish_while_samples_are_written_do_not_harm_those_of_others()
    {
        Bucket changed = await _fixture.BucketAsync("changed"), deleted = await _fixture.BucketAsync("deleted"), other = await _fixture.BucketAsync("other");
        StoreFixture fixture = _fixture;
        bool once = false;
        var hooked = new HookedKeyValueStore(fixture.KeyValue);
        hooked.BeforeCommit = Meanwhile;
        fixture.Store = fixture.Open(hooked, fixture.Blobs);
        await NextHourAsync();
        Assert.True(once);
        Assert.Single(await HoursAsync(changed));
        Assert.Empty(await HoursAsync(deleted));
        Assert.Single(await HoursAsync(other));
        Assert.Empty(_failures);

        async Task Meanwhile(KeyValueBatch batch)
        {
            if (!batch.Changes.Any(static change => change.Key[0] == Tables.HourSample))
            {
                hooked.BeforeCommit = Meanwhile;
                return;
            }

            once = true;
            var catalog = new BucketCatalog(fixture.KeyValue, fixture.Clock, new SeededRandomSource(9));
            await catalog.SetSettingAsync(changed, BucketVersioning.Stored, new BucketVersioning(VersioningState.Enabled), Token);
            await catalog.DeleteAsync(deleted, Token);
        }
    }

    [Fact]
    public async Task A_damaged_sample_keeps_only_its_own_bucket_from_being_sampled()
    {
        Bucket bad = await _fixture.BucketAsync("bad"), good = await _fixture.BucketAsync("good");
        await NextHourAsync();
        uint day = SampleStep.Day.NumberOf(_fixture.Clock.GetUtcNow());
        await _fixture.KeyValue.CommitAsync(new KeyValueBatch().Put(Tables.SampleKey(Tables.DaySample, bad.Id, day), [0xEE]), Token);
        await NextHourAsync();
        Assert.Equal(2, (await HoursAsync(good)).Count);
        Assert.Single(await HoursAsync(bad));
        Assert.Contains("DaySample", Assert.IsType<RecordFormatException>(Assert.Single(_failures)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_fails_leaves_a_gap_and_the_next_hour_is_sampled()
    {
        Bucket bucket = await _fixture.BucketAsync();
        _fixture.Store = _fixture.Open(new HookedKeyValueStore(_fixture.KeyValue) { BeforeCommit = static _ => throw new IOException("full") }, _fixture.Blobs);
        await NextHourAsync();
        Assert.Equal("full", Assert.IsType<IOException>(Assert.Single(_failures)).Message);
        uint hour = Now;
        await NextHourAsync();
        Assert.Equal(hour, Assert.Single(await HoursAsync(bucket)).Number);
    }

    [Fact]
    public async Task More_buckets_than_a_page_are_all_sampled()
    {
        Bucket[] buckets = [.. await Task.WhenAll(Enumerable.Range(0, 250).Select(i => _fixture.BucketAsync($"bucket-{i}")))];
        await NextHourAsync();
        foreach (Bucket bucket in buckets)
        {
            Assert.Single(await HoursAsync(bucket));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Samples_are_those_of_a_model_whatever_happens(int seed)
    {
        var random = new Random(seed);
        Bucket[] buckets = [await _fixture.BucketAsync("one"), await _fixture.BucketAsync("two")];
        var model = new SampleModel(buckets.Select(static bucket => bucket.Id), Now);
        for (int step = 0; step < 400; step++)
        {
            switch (random.Next(12))
            {
                case < 5:
                    ulong bucket = buckets[random.Next(2)].Id;
                    long bytes = random.Next(1000);
                    _fixture.Store.Activity.Add(bucket, BucketActivity.Of(200, bytes, 0));
                    model.Add(bucket, bytes);
                    break;
                case < 9:
                    var passed = TimeSpan.FromMinutes(random.Next(1, 70));
                    _fixture.Clock.Advance(passed);
                    model.Advance(passed);
                    break;
                case 9:
                    await StopAsync();
                    model.Write(Now);
                    Restart();
                    model.Begin(Now);
                    continue;
                case 10:
                    Restart();
                    model.Lose();
                    model.Begin(Now);
                    continue;
                case 11 when random.Next(4) == 0:
                    // The fake clock's timestamps go back with it.
                    var back = TimeSpan.FromMinutes(random.Next(1, 200));
                    _fixture.Clock.AdjustTime(_fixture.Clock.GetUtcNow() - back);
                    model.Advance(-back);
                    break;
            }

            await LookAsync();
            if (Now != model.Hour)
            {
                model.Write(Now);
                model.Begin(Now);
            }
        }

        Assert.Empty(_failures);
        foreach (Bucket bucket in buckets)
        {
            Assert.Equal(model.Hours(bucket.Id), (await HoursAsync(bucket)).Select(static at => (at.Number, at.Sample.ObservedSeconds, at.Sample.Activity.Requests, at.Sample.Activity.BytesIn)));
            IEnumerable<(uint Day, long Requests)> days = model.Hours(bucket.Id).GroupBy(static at => at.Number / 24, static (day, hours) => (day, hours.Sum(static at => at.Requests)));
            Assert.Equal(days, (await DaysAsync(bucket)).Select(static at => (at.Number, at.Sample.Activity.Requests)));
        }
    }

    [Fact]
    public void A_ledger_counts_no_more_buckets_than_it_may_hold()
    {
        var ledger = new ActivityLedger(2);
        for (ulong bucket = 1; bucket <= 3; bucket++)
        {
            ledger.Add(bucket, BucketActivity.Of(200, 1, 0));
            ledger.Add(bucket, BucketActivity.Of(200, 1, 0));
        }

        Assert.Equal([2L, 2L, 0L], new ulong[] { 1, 2, 3 }.Select(bucket => ledger.Total(bucket).Requests));
        Assert.Equal(2, ledger.Uncounted);
        ledger.Forget(1);
        ledger.Add(3, BucketActivity.Of(200, 1, 0));
        Assert.Equal(1, ledger.Total(3).Requests);
    }

    [Fact]
    public async Task What_many_threads_add_is_taken_once()
    {
        var ledger = new ActivityLedger();
        using var done = new CancellationTokenSource();
        Task<long> taker = Task.Run(
            () =>
            {
                long sum = 0;
                while (!done.IsCancellationRequested)
                {
                    sum += ledger.Take().Values.Sum(static activity => activity.Requests);
                }

                return sum;
            },
            Token);
        Parallel.For(0, 8, thread =>
        {
            for (int i = 0; i < 5000; i++)
            {
                ledger.Add((ulong)(i % 7), BucketActivity.Of(200, 1, 1));
            }
        });
        await done.CancelAsync();
        long taken = await taker + ledger.Take().Values.Sum(static activity => activity.Requests);
        Assert.Equal(40_000, taken);
    }

    private async Task<IReadOnlyList<(uint Number, BucketSample Sample)>> HoursAsync(Bucket bucket) =>
        await _fixture.Store.Samples.ReadAsync(bucket.Id, SampleStep.Hour, 0, uint.MaxValue - 1, 10_000, Token);

    private async Task<IReadOnlyList<(uint Number, BucketSample Sample)>> DaysAsync(Bucket bucket) =>
        await _fixture.Store.Samples.ReadAsync(bucket.Id, SampleStep.Day, 0, uint.MaxValue - 1, 10_000, Token);

    private async Task NextHourAsync()
    {
        _fixture.Clock.Advance(SampleStep.Hour.StartOf(Now + 1) - _fixture.Clock.GetUtcNow());
        await LookAsync();
    }

    private Task LookAsync() => _fixture.Store.Sampling.LookAsync(_failures.Add, Token);

    private Task StopAsync() => _fixture.Store.Sampling.StopAsync(_failures.Add, Token);

    private void Restart() => _fixture.Store = _fixture.Open(_fixture.KeyValue, _fixture.Blobs);
}

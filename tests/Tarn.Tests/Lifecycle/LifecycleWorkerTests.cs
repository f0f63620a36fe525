using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Lifecycle;
using Tarn.Core.Model;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Lifecycle;

public sealed class LifecycleWorkerTests : IAsyncDisposable
{
    internal static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly LifecycleOptions Options = new() { PageSize = 3, PagesPerSave = 1, Concurrency = 1, VersionsPerSecond = 1_000_000 };

    private readonly MemoryKeyValueStore _store = new();
    private readonly Clock _clock = new(Start.AddDays(50));

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Does_what_is_due_once_a_day()
    {
        FakeLifecycleTarget target = Filled();
        await RunAsync(target);
        Assert.Equal(Expected, target.Deeds.Order(StringComparer.Ordinal));
        int calls = target.Calls;
        await RunAsync(target);
        Assert.Equal(calls + 1, target.Calls);
        _clock.SetUtcNow(Start.AddDays(51).AddSeconds(1));
        target.Keys["new"] = [Object("new", 0)];
        await RunAsync(target);
        Assert.Contains("ExpireCurrent new new", target.Deeds);
    }

    [Fact]
    public async Task Walks_again_when_the_rules_change()
    {
        FakeLifecycleTarget target = Filled();
        await RunAsync(target);
        target.Deeds.Clear();
        target.Rules = LifecycleConfiguration.Create([new() { Id = "r", Filter = new() { Prefix = "young" }, Expiration = new(1) }]);
        await RunAsync(target);
        Assert.Equal(["ExpireCurrent young young"], target.Deeds);
    }

    /// <summary>Interrupted at every call in turn, and restarted: nothing is skipped and nothing is done twice.</summary>
    [Fact]
    public async Task Resumes_wherever_it_was_cut_off()
    {
        int calls = int.MaxValue;
        for (int at = 1; at < calls; at++)
        {
            await using var store = new MemoryKeyValueStore();
            FakeLifecycleTarget target = Filled();
            target.FailAt = at;
            var failures = new List<Exception>();
            try
            {
                await Worker(target, store).RunOnceAsync(failures.Add, TestContext.Current.CancellationToken);
            }
            catch (IOException e)
            {
                failures.Add(e);
            }

            if (failures.Count == 0)
            {
                calls = 0;
            }

            target.FailAt = 0;
            await RunAsync(target, store);
            Assert.Equal(Expected, target.Deeds.Order(StringComparer.Ordinal));
        }

        Assert.Equal(0, calls);
    }

    /// <summary>The same for a bucket without versions, whose keys are processed together.</summary>
    [Fact]
    public async Task Resumes_among_keys_without_versions_too()
    {
        for (int at = 1; at <= 12; at++)
        {
            await using var store = new MemoryKeyValueStore();
            var target = new FakeLifecycleTarget
            {
                Versioning = VersioningState.Never,
                Rules = LifecycleConfiguration.Create([new() { Id = "r", Expiration = new(1) }]),
                FailAt = at,
            };
            for (int i = 0; i < 8; i++)
            {
                target.Keys[$"k{i}"] = [Object($"k{i}", i % 2 == 0 ? 0 : 50)];
            }

            await Worker(target, store).RunOnceAsync(static _ => { }, TestContext.Current.CancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
            target.FailAt = 0;
            await RunAsync(target, store);
            Assert.Equal(Enumerable.Range(0, 4).Select(i => $"ExpireCurrent k{2 * i} k{2 * i}"), target.Deeds.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_resumed_walk_goes_on_from_its_page()
    {
        FakeLifecycleTarget target = Filled();
        target.FailAt = 15;
        await Worker(target, _store).RunOnceAsync(static _ => { }, TestContext.Current.CancellationToken);
        string last = target.Reads[^1];
        Assert.NotEqual("", last);
        target.Reads.Clear();
        await RunAsync(target);
        Assert.Equal(last, target.Reads[0]);
    }

    [Fact]
    public async Task What_changed_after_it_was_planned_stays()
    {
        FakeLifecycleTarget target = Filled();
        target.BeforeDeed = key =>
        {
            if (target.Keys.TryGetValue(key, out List<LifecycleVersion>? versions))
            {
                for (int i = 0; i < versions.Count; i++)
                {
                    versions[i] = versions[i] with { Token = "changed" };
                }
            }
        };
        LifecycleWorker worker = Worker(target, _store);
        await worker.RunOnceAsync(Fail, TestContext.Current.CancellationToken);
        Assert.Equal(["Abort up/1", "Abort up/4"], target.Deeds.Order(StringComparer.Ordinal));
        Assert.True(worker.Tally.Changed > 0);
    }

    [Fact]
    public async Task Versions_that_are_kept_in_place_of_others_are_witnesses()
    {
        FakeLifecycleTarget target = Filled();
        target.BeforeDeed = key =>
        {
            if (key == "many" && target.Keys[key].Count == 6)
            {
                target.Keys[key].RemoveAt(1);
            }
        };
        await RunAsync(target);
        Assert.Equal(5, target.Keys["many"].Count);
        _clock.SetUtcNow(_clock.GetUtcNow().AddDays(1));
        await RunAsync(target);
        Assert.Equal(3, target.Keys["many"].Count(v => v.Token is "many0" or "many2" or "many3"));
    }

    [Fact]
    public async Task Stops_when_the_bucket_changes_and_goes_on_with_its_new_state()
    {
        FakeLifecycleTarget target = Filled();
        int deeds = 0;
        target.BeforeDeed = _ =>
        {
            if (++deeds == 2)
            {
                target.BucketGeneration++;
            }
        };
        await RunAsync(target);
        Assert.Single(target.Deeds);
        await RunAsync(target);
        Assert.Equal(Expected, target.Deeds.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_two_workers_on_one_bucket_one_stops()
    {
        FakeLifecycleTarget target = Filled();
        bool stolen = false;
        target.BeforeDeed = _ =>
        {
            if (!stolen)
            {
                stolen = true;
                RunAsync(target).GetAwaiter().GetResult();
            }
        };
        await RunAsync(target);
        Assert.Equal(Expected, target.Deeds.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_failure_before_the_first_walk_is_counted_too()
    {
        FakeLifecycleTarget target = Filled();
        target.FailAt = 1;
        LifecycleWorker worker = Worker(target, _store);
        using var stopping = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => worker.RunAsync(_ => stopping.Cancel(), stopping.Token));
        Assert.Equal(1, worker.Tally.Failures);
    }

    [Fact]
    public async Task Keeps_its_pace()
    {
        FakeLifecycleTarget target = Filled();
        DateTimeOffset began = _clock.GetUtcNow();
        LifecycleWorker worker = new(_store, target, Options with { VersionsPerSecond = 2 }, _clock);
        await worker.RunOnceAsync(Fail, TestContext.Current.CancellationToken);
        Assert.Equal(worker.Tally.Examined / 2.0, (_clock.GetUtcNow() - began).TotalSeconds, 1.0);
    }

    [Fact]
    public async Task What_was_slow_is_no_credit_for_a_burst()
    {
        var pace = new WalkPace(100, _clock);
        _clock.Advance(TimeSpan.FromHours(1));
        DateTimeOffset began = _clock.GetUtcNow();
        for (int i = 0; i < 50; i++)
        {
            await pace.CountAsync(10, TestContext.Current.CancellationToken);
        }

        Assert.InRange((_clock.GetUtcNow() - began).TotalSeconds, 4.8, 5);
    }

    [Fact]
    public async Task A_wait_that_took_too_long_is_made_up_for()
    {
        var pace = new WalkPace(1000, _clock);
        DateTimeOffset began = _clock.GetUtcNow();
        for (int i = 0; i < 100; i++)
        {
            await pace.CountAsync(10, TestContext.Current.CancellationToken);
            _clock.Advance(TimeSpan.FromMilliseconds(5));
        }

        Assert.InRange((_clock.GetUtcNow() - began).TotalSeconds, 1, 1.01);
    }

    [Fact]
    public async Task Only_keys_of_a_prefix_are_read()
    {
        FakeLifecycleTarget target = Filled();
        target.Rules = LifecycleConfiguration.Create([new() { Id = "r", Filter = new() { Prefix = "old/" }, Expiration = new(1) }]);
        await RunAsync(target);
        Assert.Equal("old/", target.Reads[0]);
        Assert.DoesNotContain("", target.Reads);
        Assert.Equal(4, target.Deeds.Count);
    }

    /// <summary>A nearly full disk accepts no commit that only adds: that is when the rules must free space.</summary>
    [Fact]
    public async Task Works_on_a_disk_that_takes_only_deletes()
    {
        await using var store = new HookedKeyValueStore(_store);
        Task Refuse(KeyValueBatch batch)
        {
            store.BeforeCommit = Refuse;
            return batch.IsRemoval ? Task.CompletedTask : throw new StorageFullException();
        }

        store.BeforeCommit = Refuse;
        FakeLifecycleTarget target = Filled();
        await new LifecycleWorker(store, target, Options, _clock).RunOnceAsync(Fail, TestContext.Current.CancellationToken);
        Assert.Equal(Expected, target.Deeds.Order(StringComparer.Ordinal));
        int calls = target.Calls;
        await RunAsync(target);
        Assert.Equal(calls + 1, target.Calls);
    }

    private static readonly string[] Expected =
    [
        "Abort up/1", "Abort up/4",
        "DeleteVersion dead dead1", "DeleteVersion many many4", "DeleteVersion many many5",
        "ExpireCurrent old/1 old/1", "ExpireCurrent old/2 old/2", "ExpireCurrent old/3 old/3", "ExpireCurrent old/4 old/4",
        "RemoveExpiredDeleteMarker dead dead0", "RemoveExpiredDeleteMarker lone lone",
    ];

    private static FakeLifecycleTarget Filled()
    {
        var target = new FakeLifecycleTarget
        {
            Rules = LifecycleConfiguration.Create(
            [
                new() { Id = "expire", Filter = new() { Prefix = "old/" }, Expiration = new(30) },
                new() { Id = "new", Filter = new() { Prefix = "new" }, Expiration = new(30) },
                new() { Id = "noncurrent", Filter = new() { Prefix = "many" }, NoncurrentExpiration = new(1, 3) },
                new() { Id = "dead", Filter = new() { Prefix = "dead" }, NoncurrentExpiration = new(1) },
                new() { Id = "markers", Expiration = new(null, null, true) },
                new() { Id = "abort", AbortUploadDays = 10 },
            ]),
        };
        for (int i = 1; i <= 4; i++)
        {
            target.Keys[$"old/{i}"] = [Object($"old/{i}", 0)];
            target.Uploads[$"up/{i}"] = Start.AddDays(i is 1 or 4 ? 0 : 45);
        }

        target.Keys["young"] = [Object("young", 47)];
        target.Keys["lone"] = [Object("lone", 49) with { IsDeleteMarker = true }];
        target.Keys["dead"] = [Object("dead0", 40) with { IsDeleteMarker = true }, Older("dead1", 30, 40)];
        target.Keys["many"] = [Object("many0", 40), .. Enumerable.Range(1, 5).Select(i => Older($"many{i}", 40 - i, 41 - i))];
        return target;
    }

    internal static LifecycleVersion Object(string token, double day) => new() { Token = token, LastModified = Start.AddDays(day) };

    private static LifecycleVersion Older(string token, double day, double until) =>
        Object(token, day) with { IsLatest = false, NoncurrentSince = Start.AddDays(until) };

    private Task RunAsync(FakeLifecycleTarget target) => RunAsync(target, _store);

    private Task RunAsync(FakeLifecycleTarget target, MemoryKeyValueStore store) =>
        Worker(target, store).RunOnceAsync(Fail, TestContext.Current.CancellationToken);

    private LifecycleWorker Worker(FakeLifecycleTarget target, MemoryKeyValueStore store) => new(store, target, Options, _clock);

    private static void Fail(Exception e) => Assert.Fail(e.ToString());

    /// <summary>A clock on which a wait takes no time and advances the clock.</summary>
    private sealed class Clock(DateTimeOffset now) : FakeTimeProvider(now)
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero)
            {
                Advance(dueTime);
            }

            return TimeProvider.System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}

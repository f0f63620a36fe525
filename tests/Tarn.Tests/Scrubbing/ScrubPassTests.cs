using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Scrubbing;
using Tarn.TestKit.Stores;
using Tarn.Tests.Damage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Scrubbing;

/// <summary>When passes run, how fast, and how they go on after an interruption; what happens while they run.</summary>
public sealed class ScrubPassTests
{
    private readonly DamagedStore _store = new();

    private static CancellationToken Token => DamagedStore.Token;

    private ScrubWorker Worker => _store.Store.Scrub;

    [Fact]
    public async Task A_pass_that_was_cut_off_at_any_save_goes_on_and_counts_nothing_twice()
    {
        await FillAsync();
        await Worker.RunOnceAsync(Token);
        ScrubCounts whole = Worker.Status.Last!.Counts;
        Assert.Equal(8, whole.Objects);
        int cutOff = 0;
        for (int saved = 0; ; saved++)
        {
            _store.Open();
            int commits = 0;
            _store.Rows.BeforeCommit = CutOff;
            try
            {
                await Worker.RunOnceAsync(Token);
                break;
            }
            catch (InvalidOperationException)
            {
                cutOff++;
            }

            _store.Rows.BeforeCommit = null;
            _store.Open();
            await Worker.RunOnceAsync(Token);
            Assert.Equal(whole, Worker.Status.Last!.Counts);
            Assert.Null(Worker.Status.Current);

            Task CutOff(KeyValueBatch batch)
            {
                _store.Rows.BeforeCommit = CutOff;
                return commits++ < saved ? Task.CompletedTask : throw new InvalidOperationException("cut off");
            }
        }

        Assert.InRange(cutOff, 10, 100);
    }

    [Fact]
    public async Task An_object_of_parts_that_was_replaced_during_an_interruption_is_read_as_a_whole()
    {
        await MultipartAsync("key", 3);
        int commits = 0;
        _store.Rows.BeforeCommit = CutOff;
        await Assert.ThrowsAsync<InvalidOperationException>(() => Worker.RunOnceAsync(Token));
        _store.Rows.BeforeCommit = null;
        await MultipartAsync("key", 2);
        _store.Open();
        await Worker.RunOnceAsync(Token);
        Assert.Equal(MultipartUpload.MinPartSize * 4, Worker.Status.Last!.Counts.Bytes);

        // After the first two of three parts.
        Task CutOff(KeyValueBatch batch)
        {
            _store.Rows.BeforeCommit = CutOff;
            return commits++ < 3 ? Task.CompletedTask : throw new InvalidOperationException("cut off");
        }
    }

    [Fact]
    public async Task A_full_disk_does_not_stop_a_pass()
    {
        await FillAsync();
        _store.Rows.BeforeCommit = Full;
        await Worker.RunOnceAsync(Token);
        Assert.Equal(8, Worker.Status.Last!.Counts.Objects);

        Task Full(KeyValueBatch batch)
        {
            _store.Rows.BeforeCommit = Full;
            return batch.IsRemoval ? Task.CompletedTask : throw new StorageFullException();
        }
    }

    [Fact]
    public async Task Passes_begin_when_they_are_due_and_are_dated()
    {
        await FillAsync();
        _store.Scrubbing = _store.Scrubbing with { Interval = TimeSpan.FromDays(7) };
        _store.Open();
        DateTimeOffset start = _store.Clock.GetUtcNow();
        await using var running = new RunningScrub(Worker);
        Assert.Equal(start + TimeSpan.FromHours(1), Worker.Status.Next);
        Assert.Null(Worker.Status.Last);
        ScrubPass first = await running.PassAsync(() => _store.Clock.Advance(TimeSpan.FromHours(1)));
        Assert.Equal((start + TimeSpan.FromHours(1), start + TimeSpan.FromHours(1)), (first.Began, first.Finished));
        Assert.Equal(first.Began + TimeSpan.FromDays(7), Worker.Status.Next);
        ScrubPass second = await running.PassAsync(() => AdvanceByDays(7));
        Assert.Equal(first.Began + TimeSpan.FromDays(7), second.Began);
        Assert.Equal(second.Began, (await running.PassAsync(async () => await Worker.StartAsync(Token))).Began);
    }

    [Fact]
    public async Task A_pause_lasts_until_it_is_ended_also_across_restarts()
    {
        await FillAsync();
        await Worker.PauseAsync(Token);
        _store.Open();
        await using (var running = new RunningScrub(Worker))
        {
            _store.Clock.Advance(TimeSpan.FromDays(30));
            await running.IdleAsync();
            Assert.Equal((ScrubActivity.Paused, null), (Worker.Status.Activity, Worker.Status.Last));
        }

        _store.Open();
        await using (var running = new RunningScrub(Worker))
        {
            await running.IdleAsync();
            ScrubPass pass = await running.PassAsync(async () => await Worker.StartAsync(Token));
            Assert.Equal(8, pass.Counts.Objects);
            Assert.Equal(ScrubActivity.Waiting, Worker.Status.Activity);
        }
    }

    [Fact]
    public async Task A_paused_pass_goes_on_where_it_was()
    {
        await FillAsync();
        _store.Scrubbing = _store.Scrubbing with { BytesPerSecond = 1 << 20, SaveInterval = TimeSpan.FromDays(1) };
        _store.Open();
        await using var running = new RunningScrub(Worker);
        await Worker.StartAsync(Token);
        while (Worker.Status.Current is not { Counts.Objects: >= 3 })
        {
            _store.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await Worker.PauseAsync(Token);
        await running.IdleAsync();
        long seen = Worker.Status.Current!.Counts.Objects;
        Assert.InRange(seen, 3, 7);
        Assert.Equal(ScrubActivity.Paused, Worker.Status.Activity);
        await Worker.ResumeAsync(Token);
        while (Worker.Status.Last is null)
        {
            _store.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        // The object that was being read is read again.
        Assert.InRange(Worker.Status.Last.Counts.Objects, 8, 9);
    }

    [Fact]
    public async Task Turned_off_it_does_nothing_and_refuses_to_start()
    {
        _store.Scrubbing = _store.Scrubbing with { BytesPerSecond = 0 };
        _store.Open();
        await using var running = new RunningScrub(Worker);
        _store.Clock.Advance(TimeSpan.FromDays(300));
        await running.IdleAsync();
        Assert.Equal((ScrubActivity.Off, null), (Worker.Status.Activity, Worker.Status.Last));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Worker.StartAsync(Token));
    }

    [Theory]
    [InlineData(0, 10, 1 << 20, 1000, 10)]
    [InlineData(1, 10, 1 << 20, 1000, 40)]
    [InlineData(0, 100, 1, 20, 5)]
    [InlineData(3, 100, 1, 20, 20)]
    public async Task The_pace_is_kept_and_is_a_quarter_while_requests_are_served(int inFlight, int reads, int bytes, int readsPerSecond, int seconds)
    {
        var clock = new FakeTimeProvider();
        var pace = new ScrubPace(new ScrubOptions { BytesPerSecond = 1 << 20, ReadsPerSecond = readsPerSecond }, () => inFlight, clock);
        DateTimeOffset began = clock.GetUtcNow();
        for (int i = 0; i < reads; i++)
        {
            Task waiting = pace.WaitAsync(bytes, 1, Token).AsTask();
            while (!waiting.IsCompleted)
            {
                clock.Advance(TimeSpan.FromMilliseconds(1));
            }
        }

        Assert.InRange((clock.GetUtcNow() - began).TotalSeconds, seconds * 0.98, seconds * 1.02);
    }

    [Fact]
    public async Task A_blob_that_the_device_fails_to_read_is_read_again_and_then_a_failure_that_names_the_object()
    {
        await FillAsync();
        StoredObject failing = await _store.PutAsync("failing", StoreFixture.Bytes(1000, 3));
        _store.Device.Failing = (DamagedStore.BlobOf(failing), Times: 2);
        await Worker.RunOnceAsync(Token);
        Assert.Equal(0, Worker.Status.Last!.Counts.Failures);
        _store.Device.Failing = (DamagedStore.BlobOf(failing), Times: int.MaxValue);
        await Worker.RunOnceAsync(Token);
        Assert.Equal((1, 9), (Worker.Status.Last!.Counts.Failures, Worker.Status.Last!.Counts.Objects));
        Assert.Contains("bucket/failing version ", Assert.Single(Worker.Status.Last!.Failures), StringComparison.Ordinal);
        Assert.Empty(await _store.ListAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_changes_while_it_is_scrubbed_is_not_damage(int seed)
    {
        var random = new Random(seed);
        await _store.Store.Buckets.SetVersioningAsync(await _store.BucketAsync(), VersioningState.Enabled, Token);
        for (int i = 0; i < 10; i++)
        {
            await _store.PutAsync($"key-{i}", StoreFixture.Bytes(200 + i, i));
        }

        bool ends = false;
        Task changes = Task.Run(async () =>
        {
            for (int i = 0; i < 400; i++)
            {
                string key = $"key-{random.Next(10)}";
                switch (random.Next(5))
                {
                    case 0:
                        await _store.PutAsync(key, StoreFixture.Bytes(random.Next(300), i));
                        break;
                    case 1:
                        await _store.CopyAsync($"key-{random.Next(10)}", key);
                        break;
                    case 2:
                        StoredObject found = await _store.FindAsync(key);
                        await _store.Store.Deleter.DeleteAsync(await _store.BucketAsync(), found.Key, found.VersionName, "owner", DeleteCondition.None, Token);
                        await _store.PutAsync(key, StoreFixture.Bytes(random.Next(300), i));
                        break;
                    case 3:
                        await MultipartAsync(key, 1);
                        break;
                    default:
                        _store.Clock.Advance(TimeSpan.FromMinutes(11));
                        await _store.Store.Reclaim.RunOnceAsync(failed: null, Token);
                        break;
                }
            }

            Volatile.Write(ref ends, true);
        });
        int passes = 0;
        do
        {
            await Worker.RunOnceAsync(Token);
            Assert.Empty(Worker.Status.Last!.Failures);
            passes++;
        }
        while (!Volatile.Read(ref ends));
        await changes;
        Assert.Empty(_store.Noticed);
        Assert.InRange(passes, 1, int.MaxValue);
    }

    /// <summary>Day by day, since nobody waits for longer than a day at once.</summary>
    private async Task AdvanceByDays(int days)
    {
        for (int day = 0; day < days; day++)
        {
            int waits = Worker.Waits;
            _store.Clock.Advance(TimeSpan.FromDays(1));
            while (day < days - 1 && Worker.Waits == waits)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>Eight objects and parts, among them one of three parts and a version that is not the newest.</summary>
    private async Task FillAsync()
    {
        await _store.Store.Buckets.SetVersioningAsync(await _store.BucketAsync(), VersioningState.Enabled, Token);
        await _store.PutAsync("a", StoreFixture.Bytes(50));
        await _store.PutAsync("b", StoreFixture.Bytes(2 * BlobLayout.BlockSize));
        await _store.PutAsync("b", StoreFixture.Bytes(BlobLayout.BlockSize, 1));
        await MultipartAsync("c", 3);
        await _store.PutAsync("d", StoreFixture.Bytes(1000, 1));
        await _store.PutAsync("e", StoreFixture.Bytes(1000, 2));
        MultipartUpload begun = await BeginAsync("f");
        await _store.Store.Parts.PutAsync(begun, 1, new TestBody(StoreFixture.Bytes(500)), new IngestRequest(), Token);
        await _store.Store.Parts.PutAsync(begun, 4, new TestBody(StoreFixture.Bytes(600)), new IngestRequest(), Token);
    }

    private async Task MultipartAsync(string key, int parts)
    {
        MultipartUpload upload = await BeginAsync(key);
        var made = new UploadedPart[parts];
        for (int i = 0; i < parts; i++)
        {
            made[i] = await _store.Store.Parts.PutAsync(upload, i + 1, new TestBody(StoreFixture.Bytes((int)MultipartUpload.MinPartSize, i)), new IngestRequest(), Token);
        }

        await _store.Store.Completion.CompleteAsync(await _store.BucketAsync(), upload.Key, upload.Id.ToString(), StoreFixture.Request(made), Token);
    }

    private async Task<MultipartUpload> BeginAsync(string key) => await _store.Store.Uploads.CreateAsync(
        await _store.BucketAsync(), StoreFixture.Key(key), "owner", "Owner", ObjectMetadata.Empty, null, Core.Hashing.ChecksumType.FullObject, Token);
}

using System.Buffers;
using System.Security.Cryptography;
using Tarn.Core.Hashing;
using Tarn.Core.Hashing.Lanes;

namespace Tarn.Tests.Hashing.Lanes;

/// <summary>Which worker hashes what when: workers run only when the test runs them, on its own thread.</summary>
public sealed class Md5SchedulerTests
{
    private const int JobSize = 64 * 1024;

    private readonly Queue<IThreadPoolWorkItem> _started = new();

    public Md5SchedulerTests() => CountingKernel.Calls = 0;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(16, 4)]
    public async Task A_few_streams_each_get_a_worker_and_scalar_code(int processors, int streams)
    {
        Md5Scheduler scheduler = Scheduler(processors);
        Stream[] all = Begin(scheduler, streams);
        Assert.Equal(streams, _started.Count);
        RunAll();
        await FinishAsync(all);
        Assert.Equal(0, CountingKernel.Calls);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(4, 3)]
    [InlineData(4, 4)]
    public async Task More_streams_share_the_lanes_of_one_worker(int processors, int streams)
    {
        Md5Scheduler scheduler = Scheduler(processors);
        Stream[] all = Begin(scheduler, streams);
        _started.Dequeue().Execute();
        await FinishAsync(all);
        Assert.Equal(JobSize / (Md5Batch.SliceBlocks * Md5State.BlockSize), CountingKernel.Calls);
        RunAll();
    }

    [Fact]
    public async Task No_more_workers_run_than_there_are_processors()
    {
        Md5Scheduler scheduler = Scheduler(processors: 3);
        Stream[] all = Begin(scheduler, 40);
        Assert.Equal(3, _started.Count);
        RunAll();
        await FinishAsync(all);
    }

    [Fact]
    public async Task Without_vectors_every_stream_has_a_worker_up_to_the_number_of_processors()
    {
        var scheduler = new Md5Scheduler(3, [], _started.Enqueue);
        Stream[] all = Begin(scheduler, 10);
        Assert.Equal(3, _started.Count);
        RunAll();
        await FinishAsync(all);
    }

    /// <summary>The second comes while the first worker is in the middle of the first, and no other worker is wanted for it.</summary>
    [Fact]
    public async Task A_stream_that_arrives_joins_those_being_hashed_after_their_slice()
    {
        Md5Scheduler scheduler = Scheduler(processors: 1);
        var first = new Stream(scheduler, 1, segments: 4);
        var second = new Stream(scheduler, 2, segments: 1);
        first.Segments[1].Pinning = () =>
        {
            Assert.Equal(0, CountingKernel.Calls);
            second.Begin();
        };

        first.Begin();
        _started.Dequeue().Execute();
        Assert.Empty(_started);
        await FinishAsync(first, second);

        // The other three segments of the first; the rest of the second is alone again.
        Assert.Equal(3, CountingKernel.Calls);
    }

    /// <summary>Two workers hash a stream each when two more streams come: one gives its stream to the other, which has four lanes.</summary>
    [Fact]
    public async Task A_worker_too_many_gives_its_stream_in_the_middle_to_the_lanes_of_another()
    {
        Md5Scheduler scheduler = Scheduler(processors: 4);
        var first = new Stream(scheduler, 1, segments: 3);
        var second = new Stream(scheduler, 2, segments: 3);
        Stream[] others = [new(scheduler, 3, segments: 1), new(scheduler, 4, segments: 1)];
        first.Begin();
        second.Begin();
        IThreadPoolWorkItem other = _started.Dequeue();
        IThreadPoolWorkItem one = _started.Dequeue();
        Assert.Empty(_started);
        first.Segments[1].Pinning = () =>
        {
            one.Execute();
            Assert.False(second.IsEnded);
        };
        second.Segments[1].Pinning = () =>
        {
            others[0].Begin();
            others[1].Begin();
        };

        other.Execute();
        Assert.Empty(_started);
        Assert.True(first.IsEnded && second.IsEnded && others.All(stream => stream.IsEnded));
        Assert.True(CountingKernel.Calls > 0);
        await FinishAsync([first, second, .. others]);
    }

    [Fact]
    public async Task A_worker_with_several_streams_lets_others_of_the_thread_pool_go_first_now_and_then()
    {
        Md5Scheduler scheduler = Scheduler(processors: 1);
        Stream[] all = [.. Enumerable.Range(0, 2).Select(seed => new Stream(scheduler, seed, segments: 1, size: 3 * JobSize))];
        Array.ForEach(all, stream => stream.Begin());
        IThreadPoolWorkItem worker = _started.Dequeue();
        worker.Execute();
        Assert.Equal(Md5Scheduler.SlicesPerTurn, CountingKernel.Calls);
        Assert.Same(worker, Assert.Single(_started));

        // A third that comes meanwhile joins them.
        Stream third = Begin(scheduler, 1)[0];
        Assert.Single(_started);
        RunAll();
        await FinishAsync([.. all, third]);
        Assert.Equal(3 * JobSize / (Md5Batch.SliceBlocks * Md5State.BlockSize), CountingKernel.Calls);
    }

    [Fact]
    public async Task A_worker_that_comes_too_late_does_nothing()
    {
        Md5Scheduler scheduler = Scheduler(processors: 4);
        Stream[] all = Begin(scheduler, 2);
        IThreadPoolWorkItem early = _started.Dequeue();
        IThreadPoolWorkItem late = _started.Dequeue();
        early.Execute();
        await FinishAsync(all);
        late.Execute();

        Stream[] again = Begin(scheduler, 2);
        RunAll();
        await FinishAsync(again);
    }

    [Fact]
    public async Task A_failure_is_told_to_its_own_stream_and_the_others_go_on()
    {
        Md5Scheduler scheduler = Scheduler(processors: 1);
        var bad = new Stream(scheduler, 1, segments: 3);
        bad.Segments[1].Pinning = () => throw new InvalidOperationException("no memory");
        Stream[] good = [new(scheduler, 2, segments: 2), new(scheduler, 3, segments: 4)];
        bad.Begin();
        Array.ForEach(good, stream => stream.Begin());
        RunAll();

        Assert.Equal("no memory", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad.Task)).Message);
        bad.AssertGivenBack();
        await FinishAsync(good);

        // What was hashed of it is the hash of nothing.
        Assert.Throws<InvalidOperationException>(() => bad.Hasher.Finish());
        Assert.Throws<InvalidOperationException>(() => bad.Hasher.Append([]));
        Stream[] after = Begin(scheduler, 3);
        RunAll();
        await FinishAsync(after);
    }

    [Fact]
    public async Task A_hasher_is_not_used_while_its_bytes_are_being_hashed()
    {
        Md5Scheduler scheduler = Scheduler(processors: 1);
        Stream stream = Begin(scheduler, 1)[0];
        Assert.Throws<InvalidOperationException>(() => stream.Hasher.Append([1]));
        Assert.Throws<InvalidOperationException>(() => stream.Hasher.Finish());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.Hasher.AppendAsync(new ReadOnlySequence<byte>(new byte[JobSize])));
        RunAll();
        await FinishAsync(stream);
    }

    [Fact]
    public async Task A_few_bytes_are_hashed_at_once()
    {
        using var hasher = new Md5Hasher(Scheduler(processors: 1));
        await hasher.AppendAsync(new ReadOnlySequence<byte>("abc"u8.ToArray()));
        Assert.Empty(_started);
        Assert.Equal(MD5.HashData("abc"u8), hasher.Finish());
    }

    private static async Task FinishAsync(params Stream[] streams)
    {
        foreach (Stream stream in streams)
        {
            await stream.Task.WaitAsync(Token);
            stream.AssertGivenBack();
            Assert.Equal(stream.Expected, stream.Hasher.Finish());
        }
    }

    private static Stream[] Begin(Md5Scheduler scheduler, int count)
    {
        Stream[] streams = [.. Enumerable.Range(0, count).Select(seed => new Stream(scheduler, seed, segments: 1))];
        Array.ForEach(streams, stream => stream.Begin());
        return streams;
    }

    private Md5Scheduler Scheduler(int processors) => new(processors, [CountingKernel.Instance], _started.Enqueue);

    private void RunAll()
    {
        while (_started.TryDequeue(out IThreadPoolWorkItem? worker))
        {
            worker.Execute();
        }
    }

    /// <summary>A stream of one run of bytes.</summary>
    private sealed class Stream
    {
        private readonly byte[] _bytes;

        public Stream(Md5Scheduler scheduler, int seed, int segments, int size = JobSize)
        {
            Hasher = new Md5Hasher(scheduler);
            _bytes = CrcTests.Bytes(new Random(seed), size);
            Expected = MD5.HashData(_bytes);
            Segments = [.. _bytes.Chunk((size / segments) + 1).Select(bytes => new TrackedMemory(bytes))];
        }

        public Md5Hasher Hasher { get; }

        public byte[] Expected { get; }

        public TrackedMemory[] Segments { get; }

        public Task Task { get; private set; } = Task.CompletedTask;

        /// <summary>Whether a worker has ended the job, whatever became of it.</summary>
        public bool IsEnded => Segments.All(segment => segment.TimesPinned > 0 && segment.Pins == 0);

        public void Begin() => Task = Hasher.AppendAsync(Segment.Sequence(Segments.Select(segment => (ReadOnlyMemory<byte>)segment.Memory))).AsTask();

        public void AssertGivenBack() => Array.ForEach(Segments, segment => segment.Close());
    }
}

using System.Threading.Channels;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Mirroring;

/// <summary>
/// Puts all commits of a mirror in one order. It takes the batches that wait, decides the checks of each against the metadata and the batches before
/// it, and has those that hold written to both sides as one group; the next group begins when both sides have it. Whatever changes the
/// mirror itself runs between two groups.
/// </summary>
/// <param name="reader">Reads the metadata as of the last group.</param>
/// <param name="hasRoom">Whether a group of so many bytes may add.</param>
/// <param name="write">Writes a group.</param>
internal sealed class MirrorCommitter(IKeyValueReader reader, Func<long, bool> hasRoom, Func<KeyValueBatch, ValueTask> write)
{
    // As in the engines: a group is bounded, so that its first batch does not wait for the encoding of thousands.
    private const int MaxGroupBytes = 4 << 20;

    private readonly Channel<Work> _waiting = Channel.CreateUnbounded<Work>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<byte[], byte[]?> _ahead = new(ByteStringComparer.Instance);
    private readonly HashSet<byte[]> _counters = new(ByteStringComparer.Instance);
    private readonly List<Work> _group = [];
    private Task? _loop;

    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Queues a batch; once it is durable, the task returns whether its checks held.</summary>
    public Task<bool> SubmitAsync(KeyValueBatch batch) => Enqueue(new Work { Batch = batch });

    /// <summary>Runs <paramref name="job"/> between two groups, and returns its result.</summary>
    public Task<bool> BetweenAsync(Func<ValueTask<bool>> job) => Enqueue(new Work { Job = job });

    /// <summary>Finishes what waits, and accepts no more.</summary>
    public async ValueTask CloseAsync()
    {
        _waiting.Writer.TryComplete();
        if (_loop is not null)
        {
            await _loop;
        }
    }

    private Task<bool> Enqueue(Work work)
    {
        ObjectDisposedException.ThrowIf(!_waiting.Writer.TryWrite(work), typeof(Mirror));
        return work.Task;
    }

    private async Task RunAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            while (_waiting.Reader.TryPeek(out Work? next))
            {
                if (next.Job is { } job)
                {
                    _waiting.Reader.TryRead(out _);
                    await next.CompleteAsync(job);
                }
                else
                {
                    TakeGroup();
                    await RunGroupAsync();
                }
            }
        }
    }

    private void TakeGroup()
    {
        _group.Clear();
        long bytes = 0;
        while (bytes < MaxGroupBytes && _waiting.Reader.TryPeek(out Work? work) && work.Batch is not null)
        {
            _waiting.Reader.TryRead(out _);
            _group.Add(work);
            bytes += work.Bytes;
        }
    }

    private async Task RunGroupAsync()
    {
        Exception? failure = null;
        try
        {
            await CommitAsync();
        }
#pragma warning disable CA1031 // The failure is passed to the callers that wait; the loop must survive it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        foreach (Work work in _group)
        {
            work.Complete(failure);
        }
    }

    private async ValueTask CommitAsync()
    {
        var merged = new KeyValueBatch();
        Exception? refusal = WhyNothingIsAdded();
        _ahead.Clear();
        _counters.Clear();
        foreach (Work work in _group)
        {
            if (work.Adds && refusal is not null)
            {
                work.Fail(refusal);
                continue;
            }

            try
            {
                work.Holds = await HoldAsync(work.Batch!.Checks);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It concerns only the batch that checks the row.
                work.Fail(e);
            }

            if (!work.Holds)
            {
                continue;
            }

            foreach ((byte[] key, byte[]? value) in work.Batch!.Changes)
            {
                _ahead[key] = value;
                Append(merged, key, value);
            }

            foreach (KeyValueAddition addition in work.Batch.Additions)
            {
                _ahead[addition.Key] = KeyValueCounter.Add(await ReadCounterAsync(addition.Key), addition.Deltas);
                _counters.Add(addition.Key);
            }
        }

        // Both sides get what a counter is after the group: a group may come to one of them twice.
        foreach (byte[] counter in _counters)
        {
            Append(merged, counter, _ahead[counter]);
        }

        if (merged.HasChanges)
        {
            // Both sides were asked for room; from here on neither refuses what the other has written.
            await write(merged.AsRemoval());
        }
    }

    /// <summary>Why no batch of the group may add; null if they may. Those that remove go on.</summary>
    private Exception? WhyNothingIsAdded()
    {
        try
        {
            return !_group.Exists(static work => work.Adds) || hasRoom(_group.Sum(static work => work.Bytes))
                ? null
                : new StorageFullException("A disk that holds the metadata is nearly full: only deletes are accepted.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e;
        }
    }

    private async ValueTask<bool> HoldAsync(IReadOnlyList<KeyValueCheck> checks)
    {
        for (int i = 0; i < checks.Count; i++)
        {
            if (!ByteStringComparer.Instance.Equals(await ReadAsync(checks[i].Key), checks[i].Expected))
            {
                return false;
            }
        }

        return true;
    }

    private ValueTask<byte[]?> ReadAsync(byte[] key) =>
        _ahead.TryGetValue(key, out byte[]? ahead) ? new(ahead) : reader.GetAsync(key, CancellationToken.None);

    /// <summary>Reads a counter; one that no side can read begins anew, as in the engines.</summary>
    private async ValueTask<byte[]?> ReadCounterAsync(byte[] key)
    {
        try
        {
            byte[]? value = await ReadAsync(key);
            if (KeyValueCounter.Is(value))
            {
                return value;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The read has reported damage.
        }

        _ahead[KeyValueCounter.WholeRow] = null;
        _counters.Add(KeyValueCounter.WholeRow);
        return null;
    }

    private static void Append(KeyValueBatch batch, byte[] key, byte[]? value) => _ = value is null ? batch.Delete(key) : batch.Put(key, value);

    /// <summary>A batch or a job, and the task that its caller awaits.</summary>
    private sealed class Work
    {
        private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public KeyValueBatch? Batch { get; init; }

        public Func<ValueTask<bool>>? Job { get; init; }

        public Task<bool> Task => _done.Task;

        public bool Holds { get; set; }

        /// <summary>Whether it may not use the room that is reserved for removals.</summary>
        public bool Adds => Batch is { IsRemoval: false, HasChanges: true };

        public long Bytes => Batch!.CountBytes();

        public void Complete(Exception? failure)
        {
            if (failure is null)
            {
                _done.TrySetResult(Holds);
            }
            else
            {
                _done.TrySetException(failure);
            }
        }

        public void Fail(Exception failure) => _done.TrySetException(failure);

        public async ValueTask CompleteAsync(Func<ValueTask<bool>> job)
        {
            try
            {
                _done.TrySetResult(await job());
            }
#pragma warning disable CA1031 // The failure is passed to the caller that waits; the loop must survive it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _done.TrySetException(exception);
            }
        }
    }
}

using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb;

/// <summary>
/// Writes batches, one group at a time. A thread takes all that wait, evaluates the checks of each against the database and the batches
/// before it, and writes those that pass as one synced batch: one wait for the device serves all. While batches come one by one, each is
/// written by its caller instead, which saves waking a thread and being woken by it.
/// </summary>
internal sealed unsafe class RocksDbCommitter : IDisposable
{
    // A group is bounded, so that its first batch does not wait for the encoding of thousands.
    private const int MaxGroupBytes = 4 << 20;

    // So many groups of one batch in a row say that batches come one by one. With many writers a caller's own write would keep others from one group.
    private const int EnoughAlone = 16;

    private readonly DatabaseHandle _database;
    private readonly Func<byte[], byte[]?> _read;
    private readonly WriteOptionsHandle _writeOptions;
    private readonly WriteBatchHandle _batch;
    private readonly Dictionary<byte[], byte[]?> _ahead = new(ByteStringComparer.Instance);
    private readonly HashSet<byte[]> _counters = new(ByteStringComparer.Instance);
    private readonly List<Submission> _group = [];
    private readonly Queue<Submission> _waiting = new();
    private readonly RocksDbReserve _reserve;
    private readonly Thread _thread;
    private Exception? _failure;
    private bool _closing;

    // Guarded by _waiting: whether somebody writes, who has the group, the batch and what is ahead to itself; whether it is the thread; and
    // whether the last group had company, so that the next is better collected by the thread.
    private bool _isWriting;
    private bool _isHandedOver;
    private int _alone;

    /// <param name="database">The open database; the caller closes it, after <see cref="Dispose"/>.</param>
    /// <param name="read">Reads the committed value of a key; null when absent.</param>
    /// <param name="options">Whether a commit waits for the device, and how its rows are protected until they are there.</param>
    /// <param name="reserve">The room reserved for removals.</param>
    public RocksDbCommitter(DatabaseHandle database, Func<byte[], byte[]?> read, RocksDbOptions options, RocksDbReserve reserve)
    {
        _reserve = reserve;
        _database = database;
        _read = read;
        _writeOptions = new WriteOptionsHandle(options.SyncWrites);
        _batch = new WriteBatchHandle(options.Checks.BatchBytes);
        _thread = new Thread(Run) { IsBackground = true, Name = "RocksDB commit" };
        _thread.Start();
    }

    /// <summary>Called after each write that changed something, before its callers continue, and never by two threads at once.</summary>
    public Action? Synced { get; init; }

    /// <summary>Called with the failure of the first write that fails for another reason than a lack of room.</summary>
    public Action<Exception>? Failed { get; init; }

    /// <summary>Whether a write failed, after which the store refuses writes.</summary>
    public bool HasFailed => _failure is not null;

    /// <exception cref="StoreFailedException">A write failed.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw new StoreFailedException("The metadata store refuses writes because an earlier one failed.", failure);
        }
    }

    /// <summary>Writes a batch, or queues it while others are written; once the batch is durable, the task returns whether its checks held.</summary>
    public Task<bool> SubmitAsync(KeyValueBatch batch) => SubmitAsync(new Submission(batch));

    /// <summary>Writes nothing, but fails as a write would, since a failure in the background shows only with the next write.</summary>
    public Task ProbeAsync() => SubmitAsync(new Submission(new KeyValueBatch()) { IsProbe = true });

    private Task<bool> SubmitAsync(Submission submission)
    {
        lock (_waiting)
        {
            ObjectDisposedException.ThrowIf(_closing, typeof(RocksDbKeyValueStore));
            if (_isWriting || _alone < EnoughAlone)
            {
                _waiting.Enqueue(submission);
                if (!_isWriting)
                {
                    HandOver();
                }

                return submission.Task;
            }

            _isWriting = true;
        }

        _group.Add(submission);
        WriteGroup();
        lock (_waiting)
        {
            _isWriting = false;
            if (_waiting.Count > 0)
            {
                _alone = 0;
                HandOver();
            }
            else if (_closing)
            {
                Monitor.Pulse(_waiting);
            }
        }

        return submission.Task;
    }

    private void HandOver()
    {
        _isWriting = _isHandedOver = true;
        Monitor.Pulse(_waiting);
    }

    /// <summary>Commits the waiting batches, then ends the thread.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _closing = true;
            Monitor.Pulse(_waiting);
        }

        _thread.Join();
        _batch.Dispose();
        _writeOptions.Dispose();
    }

    private void Run()
    {
        while (TakeGroup())
        {
            WriteGroup();
        }
    }

    private bool TakeGroup()
    {
        lock (_waiting)
        {
            if (_isHandedOver && _waiting.Count == 0)
            {
                _isWriting = _isHandedOver = false;
            }

            while (!_isHandedOver)
            {
                if (_closing && !_isWriting)
                {
                    return false;
                }

                Monitor.Wait(_waiting);
            }

            long bytes = 0;
            while (bytes < MaxGroupBytes && _waiting.TryDequeue(out Submission? submission))
            {
                bytes += submission.Bytes;
                _group.Add(submission);
            }

            _alone = _group.Count > 1 ? 0 : _alone + 1;
            return true;
        }
    }

    private void WriteGroup()
    {
        Exception? failure = null;
        try
        {
            CommitGroup();
        }
#pragma warning disable CA1031 // The failure is passed to the callers that wait; the thread must survive it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        foreach (Submission submission in _group)
        {
            submission.Complete(failure);
        }

        _group.Clear();
    }

    private void CommitGroup()
    {
        ThrowIfFailed();
        int written = 0;
        bool changed = false;
        long bytes = 0;
        foreach (Submission submission in _group)
        {
            bytes += submission.Bytes;
        }

        bool onlyRemovals = !_reserve.Allows(bytes, out bool isAmple);
        _ahead.Clear();
        _counters.Clear();
        RocksDbNative.Clear(_batch);
        foreach (Submission submission in _group)
        {
            if (onlyRemovals && submission.Batch is { IsRemoval: false, HasChanges: true })
            {
                submission.Refused = true;
                continue;
            }

            if (Holds(submission))
            {
                Append(submission.Batch);
                changed |= submission.Batch.HasChanges || submission.IsProbe;
                written++;
            }
        }

        foreach (byte[] counter in _counters)
        {
            Append(counter, _ahead[counter]);
        }

        if (changed)
        {
            if (!isAmple)
            {
                _reserve.MakeRoom(bytes);
            }

            RocksDbNative.Write(_database, _writeOptions, _batch, out nint error);
            if (error != 0)
            {
                IOException exception = RocksDbError.ToFailure(RocksDbError.Take(error));
                if (exception is StorageFullException)
                {
                    // RocksDB refuses writes too until there is room, and then continues with a new log by itself.
                    _reserve.GiveUp();
                    throw exception;
                }

                // After a failed write or sync the log's end is unknown, so nothing may be written after it.
                _failure = exception;
                Failed?.Invoke(_failure);
                throw _failure;
            }

            CommitMetrics.Wrote(written);
            Synced?.Invoke();
        }
    }

    /// <summary>Whether the checks hold. A read that fails, of a damaged row, concerns only the batch that checks the row.</summary>
    private bool Holds(Submission submission)
    {
        try
        {
            return submission.Holds = Holds(submission.Batch.Checks);
        }
        catch (IOException e)
        {
            submission.Failure = e;
            return false;
        }
    }

    private bool Holds(IReadOnlyList<KeyValueCheck> checks)
    {
        for (int i = 0; i < checks.Count; i++)
        {
            if (!ByteStringComparer.Instance.Equals(Read(checks[i].Key), checks[i].Expected))
            {
                return false;
            }
        }

        return true;
    }

    private byte[]? Read(byte[] key) => _ahead.TryGetValue(key, out byte[]? ahead) ? ahead : _read(key);

    /// <summary>Appends the puts and deletes. Counters are appended once for the group, with the sum of what its batches add.</summary>
    private void Append(KeyValueBatch batch)
    {
        IReadOnlyList<KeyValueChange> changes = batch.Changes;
        IReadOnlyList<KeyValueAddition> additions = batch.Additions;
        for (int i = 0; i < changes.Count; i++)
        {
            if (_group.Count > 1)
            {
                _ahead[changes[i].Key] = changes[i].Value;
            }

            Append(changes[i].Key, changes[i].Value);
        }

        for (int i = 0; i < additions.Count; i++)
        {
            _ahead[additions[i].Key] = KeyValueCounter.Add(ReadCounter(additions[i].Key), additions[i].Deltas);
            _counters.Add(additions[i].Key);
        }
    }

    /// <summary>Reads a counter; one that cannot be read begins anew, since what it says can be found out again, and must not keep anything from being written.</summary>
    private byte[]? ReadCounter(byte[] key)
    {
        try
        {
            byte[]? value = Read(key);
            if (KeyValueCounter.Is(value))
            {
                return value;
            }
        }
        catch (IOException)
        {
            // The read has reported damage.
        }

        _ahead[KeyValueCounter.WholeRow] = null;
        _counters.Add(KeyValueCounter.WholeRow);
        return null;
    }

    private void Append(byte[] key, byte[]? value)
    {
        fixed (byte* keyBytes = key)
        fixed (byte* valueBytes = value)
        {
            if (value is null)
            {
                RocksDbNative.Delete(_batch, keyBytes, (nuint)key.Length);
            }
            else
            {
                RocksDbNative.Put(_batch, keyBytes, (nuint)key.Length, valueBytes, (nuint)value.Length);
            }
        }
    }

    /// <summary>A batch and the task that its caller awaits.</summary>
    private sealed class Submission(KeyValueBatch batch)
    {
        private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public KeyValueBatch Batch => batch;

        public Task<bool> Task => _done.Task;

        /// <summary>When it was submitted, by the system's clock: what is measured is the device.</summary>
        public long Submitted { get; } = TimeProvider.System.GetTimestamp();

        public bool IsProbe { get; init; }

        public bool Holds { get; set; }

        public bool Refused { get; set; }

        public IOException? Failure { get; set; }

        public long Bytes { get; } = batch.CountBytes();

        public void Complete(Exception? failure)
        {
            CommitMetrics.Waited(TimeProvider.System.GetElapsedTime(Submitted));
            if ((Failure ?? failure) is { } thrown)
            {
                _done.SetException(thrown);
            }
            else if (Refused)
            {
                _done.SetException(new StorageFullException("The disk that holds the metadata is nearly full: only deletes are accepted."));
            }
            else
            {
                _done.SetResult(Holds);
            }
        }
    }
}

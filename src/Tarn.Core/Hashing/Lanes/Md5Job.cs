using System.Buffers;
using System.Threading.Tasks.Sources;

namespace Tarn.Core.Hashing.Lanes;

/// <summary>
/// The next bytes of a message, to be hashed on another thread. It reads them where they are: they belong to the job until it has ended.
/// Used for one run of bytes after another, and by one worker at a time.
/// </summary>
internal sealed unsafe class Md5Job : IValueTaskSource
{
    /// <summary>Fewer blocks than this in a row are hashed at once instead of in a lane.</summary>
    private const int LaneMinimum = 16;

    private ManualResetValueTaskSourceCore<bool> _end = new() { RunContinuationsAsynchronously = true };
    private ReadOnlySequence<byte> _data;
    private SequencePosition _next;
    private MemoryHandle _pin;
    private ReadOnlyMemory<byte> _tail;
    private byte* _at;

    public Md5State State { get; } = new();

    /// <summary>Whether the bytes belong to the job.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Whether hashing failed once, so that the state is that of no message.</summary>
    public bool IsFailed { get; private set; }

    /// <summary>The blocks in a row that are next for a lane.</summary>
    public nuint Blocks { get; private set; }

    /// <summary>Where they are; memory that does not move.</summary>
    public byte* At => _at;

    /// <summary>Takes bytes. The task ends when nothing reads them any more; it is awaited once.</summary>
    public ValueTask Begin(in ReadOnlySequence<byte> data)
    {
        _end.Reset();
        _data = data;
        _next = data.Start;
        IsActive = true;
        return new(this, _end.Version);
    }

    /// <summary>Counts blocks that were added to the state.</summary>
    public void Advance(nuint blocks)
    {
        _at += blocks * Md5State.BlockSize;
        Blocks -= blocks;
        State.Skip(blocks);
    }

    /// <summary>Hashes the next blocks here.</summary>
    public void HashScalar(nuint blocks)
    {
        State.Compress(_at, blocks);
        _at += blocks * Md5State.BlockSize;
        Blocks -= blocks;
    }

    /// <summary>Goes on to the next blocks in a row, hashing what is too short for a lane; false at the end of the bytes.</summary>
    public bool MoveNext()
    {
        Release();
        State.Append(_tail.Span);
        _tail = default;
        while (_data.TryGet(ref _next, out ReadOnlyMemory<byte> memory))
        {
            ReadOnlySpan<byte> rest = State.Complete(memory.Span);
            int blocks = rest.Length / Md5State.BlockSize;
            if (blocks < LaneMinimum)
            {
                State.Append(rest);
                continue;
            }

            memory = memory[^rest.Length..];
            _pin = memory.Pin();
            _at = (byte*)_pin.Pointer;
            _tail = memory[(blocks * Md5State.BlockSize)..];
            Blocks = (nuint)blocks;
            return true;
        }

        return false;
    }

    /// <summary>Gives the bytes back, of which <see cref="MoveNext"/> holds none at their end or when it fails.</summary>
    /// <param name="failure">Why they could not be hashed; null when they were.</param>
    public void End(Exception? failure)
    {
        _data = default;
        _next = default;
        _tail = default;
        Blocks = 0;
        IsFailed |= failure is not null;
        IsActive = false;
        if (failure is null)
        {
            _end.SetResult(true);
        }
        else
        {
            _end.SetException(failure);
        }
    }

    void IValueTaskSource.GetResult(short token) => _end.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _end.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _end.OnCompleted(continuation, state, token, flags);

    private void Release()
    {
        _pin.Dispose();
        _pin = default;
        _at = null;
    }
}

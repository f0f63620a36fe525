using System.Buffers;

namespace Tarn.Tests.Hashing.Lanes;

/// <summary>Memory that tells when it is read, and fails when that is after it was given back.</summary>
internal sealed class TrackedMemory(byte[] bytes) : MemoryManager<byte>
{
    private readonly Lock _gate = new();
    private readonly Stack<MemoryHandle> _inner = new();
    private bool _isClosed;
    private int _pins;
    private int _timesPinned;

    /// <summary>Called before each time that it is pinned.</summary>
    public Action? Pinning { get; set; }

    public int Pins
    {
        get
        {
            lock (_gate)
            {
                return _pins;
            }
        }
    }

    public int TimesPinned
    {
        get
        {
            lock (_gate)
            {
                return _timesPinned;
            }
        }
    }

    /// <summary>Gives it back: overwrites it, and fails if it is pinned.</summary>
    public void Close()
    {
        lock (_gate)
        {
            Assert.Equal(0, _pins);
            _isClosed = true;
            bytes.AsSpan().Fill(0xEE);
        }
    }

    public override Span<byte> GetSpan()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            return bytes;
        }
    }

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        Pinning?.Invoke();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            _pins++;
            _timesPinned++;
        }

        MemoryHandle inner = bytes.AsMemory(elementIndex).Pin();
        _inner.Push(inner);
        return new MemoryHandle(inner.Pointer, pinnable: this);
    }

    public override void Unpin()
    {
        _inner.Pop().Dispose();
        lock (_gate)
        {
            _pins--;
        }
    }

    protected override void Dispose(bool disposing)
    {
    }
}

/// <summary>A run of bytes in several segments.</summary>
internal sealed class Segment : ReadOnlySequenceSegment<byte>
{
    private Segment(ReadOnlyMemory<byte> memory, Segment? before)
    {
        Memory = memory;
        if (before is not null)
        {
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }

    public static ReadOnlySequence<byte> Sequence(params IEnumerable<ReadOnlyMemory<byte>> segments)
    {
        Segment? first = null;
        Segment? last = null;
        foreach (ReadOnlyMemory<byte> memory in segments)
        {
            last = new Segment(memory, last);
            first ??= last;
        }

        return first is null ? default : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }
}

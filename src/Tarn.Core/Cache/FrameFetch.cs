using System.Runtime.ExceptionServices;
using Tarn.Core.Hashing;

namespace Tarn.Core.Cache;

/// <summary>
/// The fetch of a frame. It belongs to the frame: it goes on when readers leave, and readers that come later get the blocks that have come already. Each block is verified before a reader sees it.
/// </summary>
internal sealed class FrameFetch(FrameKey key, ulong bucket, IFrameSource source)
{
    private readonly Lock _gate = new();
    private FrameBuffer? _buffer;
    private TaskCompletionSource? _progress;
    private ExceptionDispatchInfo? _failure;
    private int _available;

    public FrameKey Key => key;

    public ulong Bucket => bucket;

    public IFrameSource Source => source;

    /// <summary>The checksums of the blocks that have come.</summary>
    public ulong[] Checksums { get; } = new ulong[key.Blocks];

    /// <summary>When it began, in milliseconds since 1970.</summary>
    public long Fetched { get; set; }

    /// <summary>Whether all blocks have come.</summary>
    public bool IsComplete => Volatile.Read(ref _available) == key.Length;

    /// <summary>Where the last read ended.</summary>
    public int ReadTo { get; private set; }

    /// <summary>Whether the frame must not be kept: its bucket was cleared.</summary>
    public volatile bool IsCleared;

    // What the table of fetches knows of it: its alone.
    internal int Readers { get; set; }

    internal bool IsPrefetch { get; init; }

    internal LinkedListNode<FrameFetch>? Waiting { get; set; }

    internal LinkedListNode<FrameFetch>? Lingering { get; set; }

    /// <summary>Gives it the memory that it needs.</summary>
    public void Start(FrameBuffer buffer) => _buffer = buffer;

    /// <summary>Fetches all blocks.</summary>
    /// <exception cref="FrameUnavailableException">The source does not give them.</exception>
    /// <exception cref="FrameDamagedException">A block is damaged.</exception>
    public async Task RunAsync(CacheCounters counters, CancellationToken cancellationToken)
    {
        Memory<byte> memory = _buffer!.Memory;
        await using IFrameStream stream = await source.OpenAsync(key, cancellationToken);
        for (int block = 0; block < Checksums.Length; block++)
        {
            int start = key.BlockStart(block), end = key.BlockStart(block + 1);
            Checksums[block] = await FetchedBlock.ReadAsync(stream, key, start, memory[start..end], cancellationToken);
            Interlocked.Add(ref counters.FetchedBytes, end - start);
            Advance(end);
        }
    }

    /// <summary>Gives readers no more: the fetch failed.</summary>
    public void Fail(Exception failure)
    {
        TaskCompletionSource? progress;
        FrameBuffer? buffer;
        lock (_gate)
        {
            _failure = ExceptionDispatchInfo.Capture(failure);
            (progress, _progress) = (_progress, null);
            (buffer, _buffer) = (_buffer, null);
        }

        progress?.TrySetResult();
        buffer?.Release();
    }

    /// <summary>Gives up its hold on the memory. Readers look elsewhere.</summary>
    public void Retire()
    {
        FrameBuffer? buffer;
        lock (_gate)
        {
            (buffer, _buffer) = (_buffer, null);
        }

        buffer?.Release();
    }

    /// <summary>The memory, held; null when it was given up.</summary>
    public FrameBuffer? Hold()
    {
        lock (_gate)
        {
            return _buffer?.TryHold() == true ? _buffer : null;
        }
    }

    /// <summary>Reads what has come from an offset on, and waits for it if nothing has.</summary>
    /// <returns>Bytes read; 0 when the memory was given up, and the frame is to be looked for again.</returns>
    /// <exception cref="FetchFailedException">The fetch failed.</exception>
    public async ValueTask<int> ReadAsync(int offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task progress;
            FrameBuffer? held = null;
            int count = 0;
            lock (_gate)
            {
                if (_failure is not null)
                {
                    throw new FetchFailedException(_failure);
                }

                if (_available > offset)
                {
                    held = _buffer?.TryHold() == true ? _buffer : null;
                    if (held is null)
                    {
                        return 0;
                    }

                    count = Math.Min(_available - offset, buffer.Length);
                    ReadTo = offset + count;
                }

                progress = held is null ? (_progress ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
            }

            if (held is not null)
            {
                held.Memory.Slice(offset, count).CopyTo(buffer);
                held.Release();
                return count;
            }

            await progress.WaitAsync(cancellationToken);
        }
    }

    private void Advance(int available)
    {
        TaskCompletionSource? progress;
        lock (_gate)
        {
            _available = available;
            (progress, _progress) = (_progress, null);
        }

        progress?.TrySetResult();
    }
}

/// <summary>A fetch failed that a reader waited for. Never leaves the cache: the reader gets the cause, or tries again if the fetch was another's.</summary>
internal sealed class FetchFailedException : Exception
{
    public FetchFailedException(ExceptionDispatchInfo cause) : base("The fetch failed.", cause.SourceException) => Cause = cause;

    public ExceptionDispatchInfo Cause { get; }
}

/// <summary>Reads blocks that come from a source.</summary>
internal static class FetchedBlock
{
    /// <summary>Reads the next block and compares it with the checksum that came with it.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="frame">The frame that the stream has.</param>
    /// <param name="start">Where the block begins in the frame.</param>
    /// <param name="block">Receives the block.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="FrameDamagedException">They do not match.</exception>
    public static async ValueTask<ulong> ReadAsync(IFrameStream stream, FrameKey frame, int start, Memory<byte> block, CancellationToken cancellationToken)
    {
        ulong checksum = await stream.ReadBlockAsync(block, cancellationToken);
        return Crc.Crc64Nvme.Of(block.Span) == checksum ? checksum : throw new FrameDamagedException(frame, frame.Start + start, block.Length);
    }
}

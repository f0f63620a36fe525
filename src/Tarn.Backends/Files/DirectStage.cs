using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>
/// Writes a large file around the page cache (O_DIRECT): one block is written to the device while the next is filled. A large upload
/// through the cache costs the kernel a second copy and a fresh page for every 4 KiB, which may never be read.
/// docs/reference/performance.md has the measurements.
/// </summary>
internal sealed class DirectStage : IAsyncDisposable
{
    /// <summary>Bytes per write; each upload in progress has two blocks.</summary>
    private const int BlockSize = 256 * 1024;

    private static readonly AlignedBlocks Blocks = new(BlockSize, maxPooled: 128);

    private readonly SafeFileHandle _file;
    private readonly DiskThreads _threads;
    private readonly Memory<byte>[] _blocks = [Blocks.Rent(), Blocks.Rent()];
    private Task _writing = Task.CompletedTask;
    private int _filling;
    private int _used;
    private long _handed;

    private DirectStage(SafeFileHandle file, DiskThreads threads)
    {
        _file = file;
        _threads = threads;
    }

    /// <summary>Creates a stage; null where the file system has no direct writes.</summary>
    public static DirectStage? TryCreate(SafeFileHandle file, DiskThreads threads) =>
        FileSync.TrySetDirect(file, direct: true) ? new DirectStage(file, threads) : null;

    /// <summary>Appends bytes. The failure of an earlier block's write is thrown here or by <see cref="FinishAsync"/>.</summary>
    public async ValueTask AppendAsync(ReadOnlySequence<byte> data)
    {
        foreach (ReadOnlyMemory<byte> segment in data)
        {
            ReadOnlyMemory<byte> rest = segment;
            while (!rest.IsEmpty)
            {
                int taken = Math.Min(BlockSize - _used, rest.Length);
                rest[..taken].CopyTo(_blocks[_filling][_used..]);
                rest = rest[taken..];
                _used += taken;
                if (_used == BlockSize)
                {
                    await HandOverAsync();
                }
            }
        }
    }

    /// <summary>Writes the rest through the page cache, because its length is not aligned.</summary>
    public async ValueTask FinishAsync()
    {
        await _writing;
        if (_used == 0)
        {
            return;
        }

        Memory<byte> tail = _blocks[_filling][.._used];
        await _threads.RunAsync(() =>
        {
            if (!FileSync.TrySetDirect(_file, direct: false))
            {
                throw new IOException("Direct writing of a file cannot be turned off.");
            }

            RandomAccess.Write(_file, tail.Span, _handed);
        });
        _used = 0;
    }

    /// <summary>Waits until the device no longer uses the blocks. Call it before the file is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _writing;
        }
        catch (IOException)
        {
            // The writer has already seen the error, or the upload was abandoned and the result of its writes does not matter.
        }

        foreach (Memory<byte> block in _blocks)
        {
            Blocks.Return(block);
        }
    }

    private async ValueTask HandOverAsync()
    {
        await _writing;
        Memory<byte> block = _blocks[_filling];
        long offset = _handed;
        _writing = _threads.RunAsync(() => RandomAccess.Write(_file, block.Span, offset));
        _handed += BlockSize;
        _filling ^= 1;
        _used = 0;
    }
}

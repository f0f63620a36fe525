using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>
/// Writes a large file past the page cache (O_DIRECT): a block goes to the device while the next is filled. A large upload
/// through the cache costs the kernel a second copy and a fresh page for every 4 KiB, which nobody may ever read.
/// docs/reference/performance.md has the measurement.
/// </summary>
internal sealed class DirectStage : IAsyncDisposable
{
    /// <summary>Bytes to a write; two blocks for each upload in progress.</summary>
    private const int BlockSize = 256 * 1024;

    /// <summary>What devices and file systems want addresses, offsets and lengths to be multiples of.</summary>
    private const int Alignment = 4096;

    private const int MaxPooled = 128;

    private static readonly ConcurrentBag<Memory<byte>> Pool = [];

    private readonly SafeFileHandle _file;
    private readonly DiskThreads _threads;
    private readonly Memory<byte>[] _blocks = [Rent(), Rent()];
    private Task _writing = Task.CompletedTask;
    private int _filling;
    private int _used;
    private long _handed;

    private DirectStage(SafeFileHandle file, DiskThreads threads)
    {
        _file = file;
        _threads = threads;
    }

    /// <summary>Null where the file system cannot do it.</summary>
    public static DirectStage? TryCreate(SafeFileHandle file, DiskThreads threads) =>
        FileSync.TrySetDirect(file, direct: true) ? new DirectStage(file, threads) : null;

    /// <summary>Takes the bytes in. What an earlier block's write failed with is thrown here or by <see cref="FinishAsync"/>.</summary>
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

    /// <summary>Writes what is left, which the cache takes because its length is no multiple of anything.</summary>
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
                throw new IOException("A file cannot be taken back from direct writing.");
            }

            RandomAccess.Write(_file, tail.Span, _handed);
        });
        _used = 0;
    }

    /// <summary>Waits for the device to let go of the blocks. To be called before the file is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _writing;
        }
        catch (IOException)
        {
            // The writer has seen the error already, or the upload is abandoned and the result of its writes does not matter.
        }

        foreach (Memory<byte> block in _blocks)
        {
            if (Pool.Count < MaxPooled)
            {
                Pool.Add(block);
            }
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

    private static Memory<byte> Rent()
    {
        if (Pool.TryTake(out Memory<byte> pooled))
        {
            return pooled;
        }

        byte[] array = GC.AllocateUninitializedArray<byte>(BlockSize + Alignment, pinned: true);
        int misaligned = (int)(Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) % Alignment);
        return array.AsMemory(misaligned == 0 ? 0 : Alignment - misaligned, BlockSize);
    }
}

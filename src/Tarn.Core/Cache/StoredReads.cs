using System.Buffers;
using Tarn.Core.Files;
using Tarn.Core.Hashing;

namespace Tarn.Core.Cache;

/// <summary>
/// Reads stored frames. Bytes come from the page cache without another look where they were verified lately; otherwise whole blocks are read and verified, from the device on threads of their own and
/// within a time limit. A frame whose bytes are not what they were is dropped.
/// </summary>
internal sealed class StoredReads(FrameStore store, DeviceHealth health, ICacheObserver observer, CacheCounters counters, TimeProvider time, TimeSpan timeout) : IDisposable
{
    private const int Threads = 8;

    // 256 KiB: what is read for one reader at once, and copied.
    private const int MaxBlocks = 4;

    private readonly DiskThreads _threads = new(Threads, "Cache read");

    /// <summary>Reads from the page cache what was verified lately; 0 when not all is there, or not known to be verified.</summary>
    public int TryReadCached(CachedFrame frame, int offset, Span<byte> buffer)
    {
        FrameKey key = frame.Key;
        uint bits = VerifiedMarks.Bits(key.BlockOf(offset), key.BlockOf(offset + buffer.Length - 1));
        if (!frame.Verified.Has(bits, VerifiedMarks.Period(time)))
        {
            return 0;
        }

        int count = frame.Slab.File.ReadCached(frame.DataAt + offset, buffer);
        if (count == buffer.Length)
        {
            frame.Note(offset, count);
            return count;
        }

        // Some has left the page cache, so nothing that is there now is known to be what was verified.
        frame.Verified.Forget();
        return 0;
    }

    /// <summary>Reads and verifies.</summary>
    /// <param name="frame">The frame, pinned; it is not pinned any more when the call returns, or once the device has answered.</param>
    /// <param name="offset">Where, in the frame.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>Bytes read; 0 when the source is to be asked.</returns>
    public async ValueTask<int> ReadAsync(CachedFrame frame, int offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = new Read(store, frame, offset, buffer.Length);
        try
        {
            if (!read.TryFillCached())
            {
                if (health.AreReadsPaused)
                {
                    return 0;
                }

                read.Share();
                await _threads.RunAsync(read.Fill).WaitAsync(timeout, time, cancellationToken);
                health.SucceedRead();
            }

            int count = read.IsWhole && read.TryVerify(VerifiedMarks.Period(time)) ? read.CopyTo(buffer.Span) : 0;
            if (count > 0)
            {
                frame.Note(offset, count);
            }
            else if (store.Drop(frame))
            {
                Interlocked.Increment(ref counters.DamagedStoredFrames);
                observer.StoredFrameDamaged(frame.Key);
            }

            return count;
        }
        catch (TimeoutException e)
        {
            // The frame may be sound.
            health.FailRead(e);
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            health.FailRead(e);
            store.Drop(frame);
            return 0;
        }
        finally
        {
            read.Leave();
        }
    }

    /// <summary>Waits for reads that are going on.</summary>
    public void Dispose() => _threads.Dispose();

    /// <summary>
    /// Blocks of a frame that are read into memory of their own: a reader that does not wait any longer leaves while the device still writes there. Who leaves last returns the memory and unpins the
    /// frame.
    /// </summary>
    private sealed class Read
    {
        private readonly FrameStore _store;
        private readonly CachedFrame _frame;
        private readonly int _offset;
        private readonly int _first;
        private readonly int _last;
        private readonly int _start;
        private readonly int _length;
        private ulong _begun;
        private bool _isVerified;
        private byte[]? _memory;
        private int _filled;
        private int _users = 1;

        public Read(FrameStore store, CachedFrame frame, int offset, int length)
        {
            (_store, _frame, _offset) = (store, frame, offset);
            FrameKey key = frame.Key;
            _first = key.BlockOf(offset);
            _last = Math.Min(key.BlockOf(offset + length - 1), _first + MaxBlocks - 1);
            _start = key.BlockStart(_first);
            _length = key.BlockStart(_last + 1) - _start;
            _begun = frame.Verified.Begin();
        }

        /// <summary>Whether the file has all the bytes.</summary>
        public bool IsWhole => _filled == _length;

        public bool TryFillCached()
        {
            byte[] memory = ArrayPool<byte>.Shared.Rent(_length);
            _filled = _frame.Slab.File.ReadCached(_frame.DataAt + _start, memory.AsSpan(0, _length));
            if (IsWhole)
            {
                _memory = memory;
                return true;
            }

            // The device's thread takes its own, so that as much memory is taken as is being read.
            ArrayPool<byte>.Shared.Return(memory);

            // Some has left the page cache. What the device's thread brings back is not what was verified.
            ForgetMarks();
            return false;
        }

        /// <summary>Adds the device's thread as a user.</summary>
        public void Share() => _users = 2;

        /// <summary>Reads from the device. For its thread, which is no user any more afterwards.</summary>
        public void Fill()
        {
            try
            {
                if (Volatile.Read(ref _users) < 2)
                {
                    return;
                }

                _memory = ArrayPool<byte>.Shared.Rent(_length);
                for (_filled = 0; _filled < _length;)
                {
                    int read = _frame.Slab.File.Read(_frame.DataAt + _start + _filled, _memory.AsSpan(_filled, _length - _filled));
                    if (read == 0)
                    {
                        return;
                    }

                    _filled += read;
                }
            }
            finally
            {
                Leave();
            }
        }

        public bool TryVerify(ulong period)
        {
            FrameKey key = _frame.Key;
            for (int block = _first; block <= _last; block++)
            {
                int start = key.BlockStart(block);
                if (Crc.Crc64Nvme.Of(_memory.AsSpan(start - _start, key.BlockStart(block + 1) - start)) != _frame.Checksums[block])
                {
                    return false;
                }
            }

            _isVerified = true;
            _frame.Verified.Add(_begun, VerifiedMarks.Bits(_first, _last), period);
            return true;
        }

        public int CopyTo(Span<byte> buffer)
        {
            int into = _offset - _start;
            int count = Math.Min(buffer.Length, _length - into);
            _memory.AsSpan(into, count).CopyTo(buffer);
            return count;
        }

        public void Leave()
        {
            if (Interlocked.Decrement(ref _users) > 0)
            {
                return;
            }

            if (!_isVerified)
            {
                // The device may have answered after the reader had left: then what is in the page cache now has been verified by nobody.
                ForgetMarks();
            }

            if (_memory is not null)
            {
                ArrayPool<byte>.Shared.Return(_memory);
            }

            _store.Release(_frame);
        }

        private void ForgetMarks()
        {
            _frame.Verified.Forget();
            _begun = _frame.Verified.Begin();
        }
    }
}

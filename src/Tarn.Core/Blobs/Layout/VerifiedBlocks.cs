using System.Collections.Concurrent;

namespace Tarn.Core.Blobs.Layout;

/// <summary>
/// Which blocks were verified lately, so that reads from the page cache need not verify them again. Bounded, in two generations: a block is
/// remembered for at least one lifetime, unless there is no room, and for at most two.
/// </summary>
/// <param name="clock">Measures lifetimes.</param>
/// <param name="maxWords">How many words of 64 blocks a generation holds, a blob having at least one: each takes about 150 bytes, then 8.</param>
internal sealed class VerifiedBlocks(TimeProvider clock, int maxWords = 1 << 17)
{
    /// <summary>Half of the longest time that a verified block is trusted to be the same in the page cache.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly Lock _rotating = new();
    private volatile Generation _young = new(clock.GetTimestamp());
    private volatile Generation? _old;

    /// <summary>
    /// The trailer of a blob of which blocks were verified; null when none are remembered. If they were those of another file, or of this one
    /// before it was changed, they are forgotten.
    /// </summary>
    public BlobTrailer? Find(BlobId id, in BlobStamp stamp)
    {
        Rotate();
        if ((_young.Find(id) ?? _old?.Find(id)) is not { } known)
        {
            return null;
        }

        if (known.Stamp == stamp)
        {
            return known.Trailer;
        }

        Remove(id);
        return null;
    }

    /// <summary>Whether all blocks from <paramref name="first"/> to <paramref name="last"/> were verified.</summary>
    public bool Contains(BlobId id, in BlobStamp stamp, long first, long last)
    {
        Rotate();
        Entry? young = _young.Find(id, stamp), old = _old?.Find(id, stamp);
        if (young is null && old is null)
        {
            return false;
        }

        for (long block = first; block <= last; block++)
        {
            if (young?.Has(block) != true && old?.Has(block) != true)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Where blocks are noted that are about to be read. Who forgets the blob in the meantime takes the entry away, and what is noted in it then is lost.
    /// </summary>
    public Entry Begin(BlobId id, in BlobStamp stamp, in BlobTrailer trailer)
    {
        Rotate();
        return _young.Of(id, stamp, trailer);
    }

    /// <summary>Remembers that blocks were verified, which were read since the entry was taken.</summary>
    public void Add(Entry entry, long first, long last)
    {
        for (long block = first; block <= last; block++)
        {
            entry.Set(block);
        }

        Generation young = _young;
        if (Volatile.Read(ref young.Words) > maxWords)
        {
            Rotate(young);
        }
    }

    /// <summary>Forgets a blob: some of it has left the page cache.</summary>
    public void Remove(BlobId id)
    {
        _young.Blobs.TryRemove(id, out _);
        _old?.Blobs.TryRemove(id, out _);
    }

    private void Rotate()
    {
        Generation young = _young;
        if (clock.GetElapsedTime(young.Begun) >= Lifetime)
        {
            Rotate(young);
        }
    }

    private void Rotate(Generation young)
    {
        lock (_rotating)
        {
            if (_young != young)
            {
                return;
            }

            // The next one begins when this one's time was over, and one that nobody asked for in time is dropped: else blocks would be trusted for longer.
            TimeSpan age = clock.GetElapsedTime(young.Begun);
            bool isDue = age >= Lifetime && age < Lifetime * 2;
            _old = age < Lifetime * 2 ? young : null;
            _young = new Generation(isDue ? young.Begun + (long)(Lifetime.TotalSeconds * clock.TimestampFrequency) : clock.GetTimestamp());
        }
    }

    private sealed class Generation(long begun)
    {
        public long Words;

        public long Begun => begun;

        public ConcurrentDictionary<BlobId, Entry> Blobs { get; } = new();

        public Entry? Find(BlobId id) => Blobs.TryGetValue(id, out Entry? entry) ? entry : null;

        public Entry? Find(BlobId id, in BlobStamp stamp) => Find(id) is { } entry && entry.Stamp == stamp ? entry : null;

        public Entry Of(BlobId id, in BlobStamp stamp, in BlobTrailer trailer)
        {
            if (Find(id, stamp) is { } known)
            {
                return known;
            }

            var entry = new Entry(stamp, trailer);
            Blobs[id] = entry;
            Interlocked.Add(ref Words, entry.Words);
            return entry;
        }
    }

    /// <summary>One bit for each block of one file.</summary>
    internal sealed class Entry(BlobStamp stamp, BlobTrailer trailer)
    {
        private readonly ulong[] _bits = new ulong[(BlobLayout.BlockCount(trailer.PayloadLength, trailer.BlockSizeLog2) + 63) / 64];

        public BlobStamp Stamp => stamp;

        public BlobTrailer Trailer => trailer;

        public int Words => _bits.Length;

        public bool Has(long block) => (Volatile.Read(ref _bits[block >> 6]) & (1UL << (int)(block & 63))) != 0;

        public void Set(long block) => Interlocked.Or(ref _bits[block >> 6], 1UL << (int)(block & 63));
    }
}

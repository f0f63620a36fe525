using Tarn.Core.Cache;

namespace Tarn.Tests.Cache;

public sealed class EvictionTests
{
    private const int Slots = 1000;

    [Fact]
    public void Frames_that_nobody_uses_again_leave_in_the_order_in_which_they_came()
    {
        var cache = new Simulated(10);
        for (int i = 0; i < 15; i++)
        {
            cache.Read(i);
        }

        Assert.Equal([0, 1, 2, 3, 4], cache.Evicted);
    }

    [Fact]
    public void A_scan_leaves_what_is_in_use_alone()
    {
        var cache = new Simulated(Slots);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 800; i++)
            {
                cache.Read(i);
            }
        }

        for (int i = 10_000; i < 30_000; i++)
        {
            cache.Read(i);
        }

        Assert.Equal(800, Enumerable.Range(0, 800).Count(cache.Has));
    }

    [Fact]
    public void A_frame_that_comes_back_soon_after_it_left_stays()
    {
        var cache = new Simulated(100);
        for (int i = 0; i < 100; i++)
        {
            cache.Read(i);
        }

        for (int i = 100; i < 140; i++)
        {
            cache.Read(i);
        }

        Assert.False(cache.Has(5));
        cache.Read(5);
        for (int i = 1000; i < 1200; i++)
        {
            cache.Read(i);
        }

        Assert.True(cache.Has(5));
        Assert.False(cache.Has(1000));
    }

    [Fact]
    public void A_frame_that_is_read_once_in_many_pieces_counts_as_unused()
    {
        var frame = Simulated.Frame(1);
        for (int at = 0; at < 1 << 20; at += 65536)
        {
            frame.Note(at, 65536);
        }

        Assert.Equal(0, frame.Uses);
        frame.Note(0, 65536);
        Assert.Equal(1, frame.Uses);
        frame.Note(65536, 65536);
        Assert.Equal(1, frame.Uses);
        for (int i = 0; i < 10; i++)
        {
            frame.Note(0, 10);
        }

        Assert.Equal(3, frame.Uses);
    }

    [Fact]
    public void Pinned_frames_stay_and_if_all_are_there_is_no_room()
    {
        var cache = new Simulated(10);
        for (int i = 0; i < 10; i++)
        {
            cache.Read(i);
        }

        Assert.True(cache.Find(0).TryPin());
        cache.Read(10);
        Assert.Equal([1], cache.Evicted);
        foreach (int i in (int[])[2, 3, 4, 5, 6, 7, 8, 9, 10])
        {
            Assert.True(cache.Find(i).TryPin());
        }

        Assert.Null(cache.Queues.Evict(0));
        Assert.False(cache.Find(3).Unpin());
        Assert.Equal(3, (int)cache.Queues.Evict(0)!.Key.Start);
    }

    [Fact]
    public void Fingerprints_of_frames_that_left_are_bounded()
    {
        var ghosts = new GhostKeys();
        for (ulong i = 0; i < 1000; i++)
        {
            ghosts.Add(i, 100);
            Assert.True(ghosts.Count <= 100);
        }

        Assert.True(ghosts.Remove(950));
        Assert.False(ghosts.Remove(950));
        Assert.False(ghosts.Remove(899));
    }

    /// <summary>Popular objects, of which few get most reads, and scans that read each object once: a backup, or a job that lists and reads a bucket.</summary>
    [Theory]
    [InlineData(0.8)]
    [InlineData(1.0)]
    [InlineData(1.2)]
    public void More_reads_hit_than_with_plain_first_in_first_out_or_least_recently_used(double skew)
    {
        int[] trace = Trace(skew);
        double ours = new Simulated(Slots).HitRatio(trace), lru = new Plain(Slots, isLru: true).HitRatio(trace), fifo = new Plain(Slots, isLru: false).HitRatio(trace);
        TestContext.Current.TestOutputHelper?.WriteLine($"skew {skew}: S3-FIFO {ours:p1}, LRU {lru:p1}, FIFO {fifo:p1}");
        Assert.True(ours > lru * 1.05, $"S3-FIFO {ours:p1}, LRU {lru:p1}");
        Assert.True(ours > fifo * 1.1, $"S3-FIFO {ours:p1}, FIFO {fifo:p1}");
    }

    [Fact]
    public void Without_scans_it_is_no_worse_either()
    {
        int[] trace = [.. Zipf(1.0, 200_000, new Random(3))];
        double ours = new Simulated(Slots).HitRatio(trace), lru = new Plain(Slots, isLru: true).HitRatio(trace);
        Assert.True(ours >= lru, $"S3-FIFO {ours:p1}, LRU {lru:p1}");
    }

    private static int[] Trace(double skew)
    {
        var random = new Random(2);
        int[] popular = [.. Zipf(skew, 150_000, random)];
        var trace = new List<int>();
        int scanned = 1_000_000;
        for (int i = 0; i < popular.Length; i++)
        {
            trace.Add(popular[i]);

            // A quarter of the time a scan goes on beside it, twice as fast.
            if (i / 5000 % 4 == 3)
            {
                trace.Add(scanned++);
                trace.Add(scanned++);
            }
        }

        return [.. trace];
    }

    private static IEnumerable<int> Zipf(double skew, int count, Random random)
    {
        double[] sums = new double[20_000];
        double sum = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = sum += 1 / Math.Pow(i + 1, skew);
        }

        for (int i = 0; i < count; i++)
        {
            int found = Array.BinarySearch(sums, random.NextDouble() * sum);
            yield return found < 0 ? ~found : found;
        }
    }

    private sealed class Simulated(int slots)
    {
        private readonly Dictionary<int, CachedFrame> _frames = [];
        private long _clock;

        public EvictionQueues Queues { get; } = new();

        public List<int> Evicted { get; } = [];

        public static CachedFrame Frame(int number) => new(new SlotHeader(new FrameKey(BlobContent.Blob(number), number, 1), 0, 0, []), null, 0);

        public bool Has(int number) => _frames.ContainsKey(number);

        public CachedFrame Find(int number) => _frames[number];

        public bool Read(int number)
        {
            if (_frames.TryGetValue(number, out CachedFrame? frame))
            {
                frame.Note(0, 1);
                return true;
            }

            if (_frames.Count == slots)
            {
                int victim = (int)Queues.Evict(_clock)!.Key.Start;
                Evicted.Add(victim);
                _frames.Remove(victim);
            }

            frame = Frame(number);
            frame.Note(0, 1);
            Assert.Equal(0, frame.Uses);
            _frames.Add(number, frame);
            Queues.Add(frame, ++_clock);
            return false;
        }

        public double HitRatio(int[] trace) => (double)trace.Count(Read) / trace.Length;
    }

    private sealed class Plain(int slots, bool isLru)
    {
        private readonly LinkedList<int> _order = new();
        private readonly Dictionary<int, LinkedListNode<int>> _nodes = [];

        public double HitRatio(int[] trace) => (double)trace.Count(Read) / trace.Length;

        private bool Read(int number)
        {
            if (_nodes.TryGetValue(number, out LinkedListNode<int>? node))
            {
                if (isLru)
                {
                    _order.Remove(node);
                    _order.AddLast(node);
                }

                return true;
            }

            if (_nodes.Count == slots)
            {
                _nodes.Remove(_order.First!.Value);
                _order.RemoveFirst();
            }

            _nodes.Add(number, _order.AddLast(number));
            return false;
        }
    }
}

using System.Numerics;

namespace Tarn.Load.Measure;

/// <summary>
/// Durations in nanoseconds, counted in log-linear buckets: each power of two is cut in 128, so a percentile is at most 0.8 % too high.
/// Durations over 2^42 ns (73 minutes) count as that. Not thread-safe: each worker has its own, merged at the end.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int MaxBits = 42;
    private readonly long[] _counts = new long[((MaxBits - SubBits + 1) << SubBits) + 1];

    public long Count { get; private set; }

    /// <summary>The largest duration recorded, exact; 0 when there is none.</summary>
    public long Max { get; private set; }

    public void Record(long nanoseconds)
    {
        nanoseconds = Math.Max(0, nanoseconds);
        Max = Math.Max(Max, nanoseconds);
        Count++;
        _counts[IndexOf(Math.Min(nanoseconds, (1L << MaxBits) - 1))]++;
    }

    public void Merge(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>The duration that <paramref name="fraction"/> (0 to 1) of all records do not exceed, rounded up to its bucket; 0 when there is none.</summary>
    public long Percentile(double fraction)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(fraction * Count));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                return Math.Min(HighestOf(i), Max);
            }
        }

        return Max;
    }

    private static int IndexOf(long value)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)value) - SubBits);
        return (shift << SubBits) + (int)(value >> shift);
    }

    private static long HighestOf(int index)
    {
        int shift = Math.Max(0, (index >> SubBits) - 1);
        long mantissa = index - ((long)shift << SubBits);
        return ((mantissa + 1) << shift) - 1;
    }
}

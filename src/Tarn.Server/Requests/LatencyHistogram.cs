using System.Numerics;

namespace Tarn.Server.Requests;

/// <summary>How long requests took, counted in four ranges for each doubling: a value that is read from it is off by an eighth at most. Thread-safe, without locks, of one size whatever is counted.</summary>
internal sealed class LatencyHistogram
{
    /// <summary>How many ranges there are.</summary>
    public const int Ranges = ((LastOctave - FirstOctave + 1) * PerOctave) + 1;

    private const int PerOctave = 4;

    // 2^6 microseconds, below which one range is enough, to 2^31, which is half an hour; what takes longer is in the last range.
    private const int FirstOctave = 6;
    private const int LastOctave = 30;

    private readonly int[] _counts = new int[Ranges];

    /// <summary>Counts a request.</summary>
    public void Add(TimeSpan length) => Interlocked.Increment(ref _counts[RangeOf((long)length.TotalMicroseconds)]);

    /// <summary>Moves what was counted since the last time into <paramref name="counts"/>, which has as many places as there are <see cref="Ranges"/>.</summary>
    public void Take(Span<int> counts)
    {
        for (int range = 0; range < Ranges; range++)
        {
            counts[range] = Interlocked.Exchange(ref _counts[range], 0);
        }
    }

    /// <summary>The time that a part of the requests took at most.</summary>
    /// <param name="counts">What was counted in each range.</param>
    /// <param name="part">Which part: 0.5 for the median.</param>
    /// <returns>The time, or null if nothing was counted.</returns>
    public static TimeSpan? Percentile(ReadOnlySpan<int> counts, double part)
    {
        long all = 0;
        foreach (int count in counts)
        {
            all += count;
        }

        long rank = Math.Max(1, (long)Math.Ceiling(all * part));
        for (int range = 0; range < counts.Length && all > 0; range++)
        {
            rank -= counts[range];
            if (rank <= 0)
            {
                return TimeSpan.FromMicroseconds((From(range) + From(range + 1)) / 2);
            }
        }

        return null;
    }

    private static int RangeOf(long microseconds)
    {
        if (microseconds < 1L << FirstOctave)
        {
            return 0;
        }

        int octave = BitOperations.Log2((ulong)microseconds);
        return octave > LastOctave ? Ranges - 1 : 1 + ((octave - FirstOctave) * PerOctave) + (int)((microseconds >> (octave - 2)) & (PerOctave - 1));
    }

    /// <summary>With how many microseconds a range begins.</summary>
    private static double From(int range) =>
        range == 0 ? 0 : (1L << (FirstOctave + ((range - 1) / PerOctave))) * (1 + ((double)((range - 1) % PerOctave) / PerOctave));
}

namespace Tarn.Server.Accelerator.Peers;

/// <summary>How long others took to begin to answer, lately.</summary>
internal sealed class AnswerTimes
{
    private const int Kept = 64;

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50), Shortest = TimeSpan.FromMilliseconds(5), Longest = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly TimeSpan[] _last = new TimeSpan[Kept];
    private int _count;

    /// <summary>The time within which 95 of 100 have answered.</summary>
    public TimeSpan NinetyFifth
    {
        get
        {
            TimeSpan[] sorted;
            lock (_gate)
            {
                if (_count < Kept / 4)
                {
                    return First;
                }

                sorted = _last[..Math.Min(_count, Kept)];
            }

            Array.Sort(sorted);
            TimeSpan time = sorted[(sorted.Length * 95 / 100)..][0];
            return time < Shortest ? Shortest : time > Longest ? Longest : time;
        }
    }

    public void Add(TimeSpan time)
    {
        lock (_gate)
        {
            _last[_count % Kept] = time;
            _count = _count == int.MaxValue ? Kept : _count + 1;
        }
    }
}

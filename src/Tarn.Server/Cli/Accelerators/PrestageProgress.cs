using System.Globalization;

namespace Tarn.Server.Cli.Accelerators;

/// <summary>How far objects have been asked for: a bar on a terminal, elsewhere a line now and then.</summary>
/// <param name="line">The line of the command.</param>
/// <param name="isQuiet">Whether nothing is shown, since a program reads what the command prints.</param>
/// <param name="time">The clock.</param>
internal sealed class PrestageProgress(TerminalLine line, bool isQuiet, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Objects between two lines, where there is no bar.</summary>
    private const long PerLine = 1000;

    private readonly Lock _lock = new();
    private long? _shown;
    private long _doneObjects;
    private long _doneBytes;
    private long _listedObjects;
    private long _listedBytes;
    private bool _isListed;
    private string? _waiting;

    public void Listed(long bytes)
    {
        lock (_lock)
        {
            _listedObjects++;
            _listedBytes += bytes;
        }
    }

    public void AllListed()
    {
        lock (_lock)
        {
            _isListed = true;
        }
    }

    /// <summary>An object is over, whatever became of it.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="failure">What went wrong; null for nothing.</param>
    public void Done(long bytes, string? failure)
    {
        lock (_lock)
        {
            _doneObjects++;
            _doneBytes += bytes;
            _waiting = null;
            if (failure is not null && !isQuiet)
            {
                line.Print(failure);
            }

            if (line.IsShown)
            {
                ShowBar();
            }
            else if (!isQuiet && _doneObjects % PerLine == 0)
            {
                line.Print(Text());
            }
        }
    }

    /// <summary>It has to be waited.</summary>
    public void Waits(string reason)
    {
        lock (_lock)
        {
            if (line.IsShown)
            {
                _waiting = reason;
                ShowBar();
            }
            else if (!isQuiet && _waiting != reason)
            {
                line.Print($"waiting: {reason}");
            }

            _waiting = reason;
        }
    }

    private void ShowBar()
    {
        if (_shown is { } last && time.GetElapsedTime(last) < Interval)
        {
            return;
        }

        _shown = time.GetTimestamp();
        line.Show(() => $"{TerminalLine.Part(_doneBytes, _listedBytes)}  {Text()}{(_waiting is null ? "" : $", waiting: {_waiting}")}");
    }

    private string Text() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_doneObjects:N0} of {_listedObjects:N0}{(_isListed ? "" : " or more")} objects, {HumanBytes.Of(_doneBytes)} of {HumanBytes.Of(_listedBytes)}");
}

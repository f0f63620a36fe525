using System.Globalization;
using Tarn.Core.Consistency;

namespace Tarn.Server.Cli.Fsck;

/// <summary>Shows on a terminal how far a check is, in one line that is written over.</summary>
/// <param name="error">Standard error, or what stands for it.</param>
/// <param name="time">The clock.</param>
internal sealed class FsckProgress(TextWriter error, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly bool _isShown = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
    private long _last;
    private int _width;

    /// <summary>Shows the state, unless it was shown a moment ago.</summary>
    public void Show(CheckProgress progress)
    {
        if (!_isShown || (_last != 0 && time.GetElapsedTime(_last) < Interval))
        {
            return;
        }

        _last = time.GetTimestamp();
        string text = string.Create(
            CultureInfo.InvariantCulture, $"{progress.Rows:N0} rows, {progress.Blobs:N0} blobs, {progress.Bytes / 1e9:N1} GB read, {progress.Problems:N0} problems");
        error.Write($"\r{text.PadRight(_width)}");
        _width = text.Length;
    }

    /// <summary>Removes the line.</summary>
    public void Clear()
    {
        if (_width > 0)
        {
            error.Write($"\r{new string(' ', _width)}\r");
            _width = 0;
        }
    }
}

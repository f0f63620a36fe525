using System.Globalization;
using Tarn.Core.Consistency;

namespace Tarn.Server.Cli.Fsck;

/// <summary>Shows how far a check is.</summary>
/// <param name="line">Where.</param>
/// <param name="time">The clock.</param>
internal sealed class FsckProgress(TerminalLine line, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private long _last;

    /// <summary>Shows the state, unless it was shown a moment ago.</summary>
    public void Show(CheckProgress progress)
    {
        if (_last != 0 && time.GetElapsedTime(_last) < Interval)
        {
            return;
        }

        _last = time.GetTimestamp();
        line.Show(() => string.Create(
            CultureInfo.InvariantCulture, $"{progress.Rows:N0} rows, {progress.Blobs:N0} blobs, {HumanBytes.Of(progress.Bytes)} read, {progress.Problems:N0} problems"));
    }

    /// <summary>Removes the line.</summary>
    public void Clear() => line.Clear();
}

using System.Globalization;

namespace Tarn.Server.Cli.Backups;

/// <summary>A progress bar on a terminal: one line that is written over. Elsewhere nothing is shown.</summary>
/// <param name="error">Standard error, or what stands for it.</param>
internal sealed class BackupBar(TextWriter error) : IDisposable
{
    private const int Width = 30;

    private readonly bool _isShown = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
    private int _written;

    /// <summary>Shows how far it is.</summary>
    public void Show(string phase, long doneBytes, long totalBytes, long doneBlobs, long totalBlobs)
    {
        if (_isShown)
        {
            string text = Line(phase, doneBytes, totalBytes, doneBlobs, totalBlobs);
            error.Write($"\r{text.PadRight(_written)}");
            _written = text.Length;
        }
    }

    /// <summary>The line.</summary>
    public static string Line(string phase, long doneBytes, long totalBytes, long doneBlobs, long totalBlobs)
    {
        double part = totalBytes == 0 ? 0 : Math.Clamp((double)doneBytes / totalBytes, 0, 1);
        int filled = (int)(part * Width);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"[{new string('#', filled)}{new string('.', Width - filled)}] {part * 100,3:0} %  {HumanBytes.Of(doneBytes)} of {HumanBytes.Of(totalBytes)}, {doneBlobs:N0} of {totalBlobs:N0} blobs, {phase}");
    }

    /// <summary>Removes the line.</summary>
    public void Clear()
    {
        if (_written > 0)
        {
            error.Write($"\r{new string(' ', _written)}\r");
            _written = 0;
        }
    }

    public void Dispose() => Clear();
}

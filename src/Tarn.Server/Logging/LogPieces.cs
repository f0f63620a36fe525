using System.Buffers;
using System.Text;

namespace Tarn.Server.Logging;

/// <summary>Writes whole lines, in UTF-8, to the log's destination. May block for as long as nobody reads it.</summary>
/// <exception cref="IOException">Some of the lines were not written.</exception>
internal delegate void LogSink(ReadOnlySpan<byte> lines);

/// <summary>Collects lines into pieces, each written to the sink at once.</summary>
internal sealed class LogPieces(LogSink sink)
{
    /// <summary>The approximate number of bytes handed to the sink at a time.</summary>
    private const int Size = 32 * 1024;

    private readonly ArrayBufferWriter<byte> _piece = new(Size);
    private int _lines;

    /// <summary>Adds a line, and writes the piece if that fills it. May block.</summary>
    /// <returns>The number of lines that could not be written.</returns>
    public int Add(string line)
    {
        Encoding.UTF8.GetBytes(line, _piece);
        _piece.Write("\n"u8);
        _lines++;
        return _piece.WrittenCount >= Size ? Flush() : 0;
    }

    /// <summary>Writes the lines added since the last piece. May block.</summary>
    /// <returns>The number of lines that could not be written.</returns>
    public int Flush()
    {
        int lines = _lines;
        try
        {
            if (lines > 0)
            {
                sink(_piece.WrittenSpan);
            }

            return 0;
        }
        catch (IOException e)
        {
            // There is nowhere else to report it; the metric and the notice count the lines.
            return e is IncompleteWriteException { Written: var written } ? _piece.WrittenSpan[written..].Count((byte)'\n') : lines;
        }
        finally
        {
            _piece.ResetWrittenCount();
            _lines = 0;
        }
    }
}

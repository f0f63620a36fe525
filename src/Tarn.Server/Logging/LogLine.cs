using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tarn.Server.Logging;

/// <summary>Formats a log event as one line: time, level, category, event id and message, followed by the exception if there is one.</summary>
internal static class LogLine
{
    /// <summary>The maximum length of a line, in characters; longer ones are truncated.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>Characters that could end a line or control a terminal: clients choose some of what is logged.</summary>
    private static readonly SearchValues<char> Unsafe = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7f, 0x21)).Select(c => (char)c), '\u2028', '\u2029']);

    public static string Format(DateTimeOffset time, LogLevel level, string category, int id, string text, Exception? exception)
    {
        string line = string.Create(
            CultureInfo.InvariantCulture, $"{time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fff}Z {Name(level)}: {category}[{id}] {text}");
        if (exception is not null)
        {
            line = $"{line} {exception}";
        }

        if (line.Length > MaxLength)
        {
            line = string.Concat(line.AsSpan(0, MaxLength), "…");
        }

        return line.AsSpan().ContainsAny(Unsafe) ? Escape(line.ReplaceLineEndings(" ")) : line;
    }

    private static string Escape(string line)
    {
        var text = new StringBuilder(line.Length + 16);
        foreach (char c in line)
        {
            if (Unsafe.Contains(c))
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                text.Append(c);
            }
        }

        return text.ToString();
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}

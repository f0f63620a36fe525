using System.Globalization;

namespace Tarn.Server.Cli;

/// <summary>Text that others chose, such as keys, as it may be shown on a terminal: control characters, which a terminal obeys, are escaped.</summary>
internal static class TerminalText
{
    /// <summary>The text with each control character as <c>\u</c> and four digits.</summary>
    public static string Of(string text) =>
        text.Any(char.IsControl)
            ? string.Concat(text.Select(static c => char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString()))
            : text;
}

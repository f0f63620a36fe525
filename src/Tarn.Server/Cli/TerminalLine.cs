using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Tarn.Server.Cli;

/// <summary>A line on a terminal that is written over: the progress of every command. Elsewhere, and with <c>--json</c>, nothing is shown.</summary>
/// <param name="error">Standard error, or what stands for it.</param>
/// <param name="isShown">Whether it is a terminal that a person looks at.</param>
internal sealed class TerminalLine(TextWriter error, bool isShown) : IDisposable
{
    private const int BarWidth = 30;

    private int _written;

    /// <summary>Whether it is shown.</summary>
    public bool IsShown => isShown;

    /// <summary>The line of a command.</summary>
    public static TerminalLine Of(ParseResult parsed) =>
        new(parsed.InvocationConfiguration.Error, ReferenceEquals(parsed.InvocationConfiguration.Error, Console.Error) && !Console.IsErrorRedirected && !IsForPrograms(parsed));

    /// <summary>Whether <c>--json</c> is given: then a program reads both streams.</summary>
    public static bool IsForPrograms(ParseResult parsed)
    {
        for (SymbolResult? result = parsed.CommandResult; result is not null; result = result.Parent)
        {
            if (result is CommandResult { Command: { } command } && command.Options.FirstOrDefault(static option => option.Name == "--json") is Option<bool> json)
            {
                return parsed.GetValue(json);
            }
        }

        return false;
    }

    /// <summary>A bar with its part in percent.</summary>
    public static string Part(long done, long all)
    {
        double part = all <= 0 ? 0 : Math.Clamp((double)done / all, 0, 1);
        int filled = (int)(part * BarWidth);
        return string.Create(CultureInfo.InvariantCulture, $"[{new string('#', filled)}{new string('.', BarWidth - filled)}] {part * 100,3:0} %");
    }

    /// <summary>The same, with how much of how much it is.</summary>
    public static string Part(long done, long all, Func<long, string> text) => $"{Part(done, all)}  {text(done)} of {text(all)}";

    /// <summary>Prints a line that stays.</summary>
    public void Print(string text)
    {
        Clear();
        error.WriteLine(text);
    }

    /// <summary>Shows a text in place of the last one.</summary>
    public void Show(Func<string> text)
    {
        if (isShown)
        {
            string now = text();
            error.Write($"\r{now.PadRight(_written)}");
            _written = now.Length;
        }
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

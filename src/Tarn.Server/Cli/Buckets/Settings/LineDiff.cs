namespace Tarn.Server.Cli.Buckets.Settings;

/// <summary>What differs between two texts, line by line.</summary>
internal static class LineDiff
{
    /// <summary>The lines around a change that are shown.</summary>
    private const int Around = 2;

    /// <summary>Pairs of lines; more are not compared, and shown as replaced as a whole.</summary>
    private const long Limit = 4_000_000;

    /// <summary>The lines, each with <c>-</c> (only before), <c>+</c> (only after) or a blank; <c>…</c> for equal ones that are left out.</summary>
    public static IEnumerable<string> Of(string before, string after)
    {
        (char Mark, string Line)[] all = [.. Compare(Lines(before), Lines(after))];
        bool isCut = false;
        for (int i = 0; i < all.Length; i++)
        {
            if (all[Math.Max(0, i - Around)..Math.Min(all.Length, i + Around + 1)].Any(static line => line.Mark != ' '))
            {
                isCut = false;
                yield return $"{all[i].Mark} {TerminalText.Of(all[i].Line)}";
            }
            else if (!isCut)
            {
                isCut = true;
                yield return "  …";
            }
        }
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.Split('\n');

    private static IEnumerable<(char Mark, string Line)> Compare(string[] before, string[] after)
    {
        int head = before.Zip(after).TakeWhile(static pair => pair.First == pair.Second).Count();
        int tail = before.Skip(head).Reverse().Zip(after.Skip(head).Reverse()).TakeWhile(static pair => pair.First == pair.Second).Count();
        IEnumerable<(char, string)> middle = Middle(before[head..^tail], after[head..^tail]);
        return [.. before.Take(head).Select(static line => (' ', line)), .. middle, .. before.TakeLast(tail).Select(static line => (' ', line))];
    }

    /// <summary>By the longest common subsequence.</summary>
    private static IEnumerable<(char Mark, string Line)> Middle(string[] before, string[] after)
    {
        if ((long)before.Length * after.Length > Limit)
        {
            return [.. before.Select(static line => ('-', line)), .. after.Select(static line => ('+', line))];
        }

        int[,] common = new int[before.Length + 1, after.Length + 1];
        for (int i = before.Length - 1; i >= 0; i--)
        {
            for (int j = after.Length - 1; j >= 0; j--)
            {
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var lines = new List<(char, string)>();
        int old = 0, now = 0;
        while (old < before.Length || now < after.Length)
        {
            if (old < before.Length && now < after.Length && before[old] == after[now])
            {
                lines.Add((' ', before[old++]));
                now++;
            }
            else if (old < before.Length && (now == after.Length || common[old + 1, now] >= common[old, now + 1]))
            {
                lines.Add(('-', before[old++]));
            }
            else
            {
                lines.Add(('+', after[now++]));
            }
        }

        return lines;
    }
}

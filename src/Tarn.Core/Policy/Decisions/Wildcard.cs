using System.Text;

namespace Tarn.Core.Policy.Decisions;

/// <summary>
/// Matching of <c>*</c> (any run of characters, also across slashes) and <c>?</c> (one character) over UTF-8.
/// In a pattern these are bytes that UTF-8 never has, so that everything else stands for itself.
/// </summary>
internal static class Wildcard
{
    public const byte Star = 0xFE;
    public const byte Any = 0xFF;

    /// <summary>Bytes that a search or a copy handles in about the time of one step.</summary>
    public const int BytesPerStep = 16;

    /// <summary>Bytes of the longest resource: a bucket's name, a slash and a key.</summary>
    public const int MaxResource = 63 + 1 + 1024;

    /// <summary>A pattern of a text in which every <c>*</c> and <c>?</c> is a wildcard.</summary>
    public static byte[] Tokens(string text)
    {
        byte[] tokens = Encoding.UTF8.GetBytes(text);
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = tokens[i] switch { (byte)'*' => Star, (byte)'?' => Any, byte other => other };
        }

        return tokens;
    }

    /// <summary>Matches without a limit on steps, for short texts and patterns.</summary>
    public static bool IsMatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        int steps = int.MaxValue;
        return Match(pattern, text, ref steps) == Fit.Yes;
    }

    /// <summary>
    /// Matches a text. Only the last star is ever reconsidered, which suffices because an earlier one could only give up characters that the last one
    /// can take as well. What follows a star is searched for as a whole up to the next wildcard: a long piece costs little more than
    /// the text's length. Only pieces with <c>?</c> can cost their length for each character of the text: that is what is counted.
    /// </summary>
    /// <param name="pattern">With wildcards as <see cref="Tokens"/> returns them.</param>
    /// <param name="text">UTF-8.</param>
    /// <param name="steps">Counted down by what the match takes.</param>
    /// <returns><see cref="Fit.Unreadable"/> when the steps run out.</returns>
    public static Fit Match(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text, ref int steps)
    {
        int left = steps - 1 - (pattern.Length / BytesPerStep);
        bool matches = pattern.Length - pattern.Count(Star) <= text.Length && Matches(pattern, text, ref left);
        steps = left;
        return left < 0 ? Fit.Unreadable : matches ? Fit.Yes : Fit.No;
    }

    /// <summary>
    /// An upper bound on the steps of <see cref="Match"/> for any text. Each piece between two stars is searched for after the one before, so each
    /// byte of the text counts once, at the rate of the costliest piece.
    /// </summary>
    /// <param name="pattern">With wildcards as <see cref="Tokens"/> returns them; variables count as short texts.</param>
    /// <param name="longest">Bytes of the longest text.</param>
    public static long Cost(ReadOnlySpan<byte> pattern, int longest)
    {
        const int VariableBytes = 64;
        long worst = 0;
        int variables = pattern.Count(Template.VariableMark);
        int first = pattern.IndexOf(Star);
        for (ReadOnlySpan<byte> rest = first < 0 ? default : pattern[(first + 1)..]; !rest.IsEmpty;)
        {
            int end = rest.IndexOf(Star);
            ReadOnlySpan<byte> piece = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            ReadOnlySpan<byte> begin = PlainBegin(piece);
            int more = piece.Length - begin.Length + (VariableBytes * piece.Count(Template.VariableMark));
            long places = (longest / Period(begin)) + 1;
            worst = Math.Max(worst, SeekCost(begin.Length, longest) + (piece.Contains(Any) ? places * (more + 2) : 0));
        }

        return worst + pattern.Length + (VariableBytes * variables);
    }

    private static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text, ref int steps)
    {
        int p = 0;
        int t = 0;
        int afterStar = -1;
        int resume = 0;
        ReadOnlySpan<byte> begin = default;
        while (t < text.Length)
        {
            if (--steps < 0)
            {
                return false;
            }

            if (p < pattern.Length)
            {
                byte token = pattern[p];
                if (token == Star)
                {
                    afterStar = ++p;
                    resume = t;
                    begin = PlainBegin(pattern[p..]);
                    if (p + begin.Length == pattern.Length)
                    {
                        return text[t..].EndsWith(begin);
                    }

                    if (!Seek(begin, text, ref resume, ref steps))
                    {
                        return false;
                    }

                    p = afterStar + begin.Length;
                    t = resume + begin.Length;
                    continue;
                }

                if (token == Any)
                {
                    p++;
                    t += CharacterLength(text[t..]);
                    continue;
                }

                if (token == text[t])
                {
                    p++;
                    t++;
                    continue;
                }
            }

            if (afterStar < 0)
            {
                return false;
            }

            resume += CharacterLength(text[resume..]);
            if (!Seek(begin, text, ref resume, ref steps))
            {
                return false;
            }

            p = afterStar + begin.Length;
            t = resume + begin.Length;
        }

        while (p < pattern.Length && pattern[p] == Star)
        {
            p++;
        }

        return p == pattern.Length;
    }

    /// <summary>What comes before the first wildcard or variable.</summary>
    private static ReadOnlySpan<byte> PlainBegin(ReadOnlySpan<byte> pattern)
    {
        int wild = pattern.IndexOfAny(Star, Any, Template.VariableMark);
        return wild < 0 ? pattern : pattern[..wild];
    }

    /// <summary>Moves to the next occurrence of the bytes; false when there is none.</summary>
    private static bool Seek(ReadOnlySpan<byte> wanted, ReadOnlySpan<byte> text, ref int position, ref int steps)
    {
        int found = text[position..].IndexOf(wanted);
        steps -= SeekCost(wanted.Length, found < 0 ? text.Length - position : found);
        position += Math.Max(found, 0);
        return found >= 0;
    }

    /// <summary>A search compares sixteen or more bytes at once but, at worst, a long text at every position.</summary>
    private static int SeekCost(int wanted, int distance) => (distance / BytesPerStep) + (distance * (wanted / 32) / 4);

    /// <summary>The least distance between two places where the bytes begin: "aaa" may begin everywhere, "/2026-" only every sixth byte.</summary>
    private static int Period(ReadOnlySpan<byte> bytes)
    {
        int period = 1;
        while (period < bytes.Length && !bytes[period..].SequenceEqual(bytes[..^period]))
        {
            period++;
        }

        return period;
    }

    /// <summary>Length of the first character, in bytes. An invalid byte, which names on disks may have, counts as one character.</summary>
    private static int CharacterLength(ReadOnlySpan<byte> text)
    {
        int length = text[0] switch { < 0xC2 => 1, < 0xE0 => 2, < 0xF0 => 3, < 0xF5 => 4, _ => 1 };
        if (length > text.Length)
        {
            return 1;
        }

        for (int i = 1; i < length; i++)
        {
            if ((text[i] & 0xC0) != 0x80)
            {
                return 1;
            }
        }

        return length;
    }
}

using System.Text;

namespace Tarn.Core.Policy;

/// <summary>
/// Matching of <c>*</c> (any run of characters, also across slashes) and <c>?</c> (one character) over UTF-8.
/// In a pattern these are bytes that UTF-8 never has, so that everything else stands for itself.
/// </summary>
internal static class Wildcard
{
    public const byte Star = 0xFE;
    public const byte Any = 0xFF;

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

    /// <summary>
    /// Only the last star is ever reconsidered, which suffices because an earlier one could only give up characters that the last one
    /// can take as well. What follows a star is searched for as a whole up to the next wildcard: a long piece costs little more than
    /// the text's length. Only pieces with <c>?</c> can cost their length for each character of the text.
    /// </summary>
    public static bool IsMatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        int p = 0;
        int t = 0;
        int afterStar = -1;
        int resume = 0;
        ReadOnlySpan<byte> begin = default;
        while (t < text.Length)
        {
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

                    if (!Seek(begin, text, ref resume))
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
            if (!Seek(begin, text, ref resume))
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

    /// <summary>What comes before the first wildcard.</summary>
    private static ReadOnlySpan<byte> PlainBegin(ReadOnlySpan<byte> pattern)
    {
        int wild = pattern.IndexOfAny(Star, Any);
        return wild < 0 ? pattern : pattern[..wild];
    }

    /// <summary>Goes to where the bytes are next; false when they are nowhere.</summary>
    private static bool Seek(ReadOnlySpan<byte> wanted, ReadOnlySpan<byte> text, ref int position)
    {
        int found = text[position..].IndexOf(wanted);
        position += Math.Max(found, 0);
        return found >= 0;
    }

    /// <summary>Bytes of the first character; a byte that begins none counts as one by itself, as names on disks may have such.</summary>
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

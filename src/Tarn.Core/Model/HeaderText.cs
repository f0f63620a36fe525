using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Tarn.Core.Model;

/// <summary>
/// Converts stored headers between bytes and strings without loss: valid UTF-8 is decoded as such, and each byte b of anything else becomes
/// the lone surrogate U+DC00 + b, which decoding UTF-8 never produces.
/// </summary>
public static class HeaderText
{
    private const char First = '\uDC80';
    private const char Last = '\uDCFF';

    /// <summary>Decodes bytes of any content.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) => Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : DecodeEscaping(bytes);

    /// <summary>Returns the bytes that <see cref="Decode"/> was given.</summary>
    public static byte[] Encode(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[GetByteCount(text)];
        Encode(text, bytes);
        return bytes;
    }

    /// <summary>Writes the bytes that <see cref="Decode"/> was given to memory of at least <see cref="GetByteCount"/> bytes, and returns their number.</summary>
    public static int Encode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        int length = 0;
        while (true)
        {
            int at = IndexOfEscaped(text);
            length += Encoding.UTF8.GetBytes(at < 0 ? text : text[..at], bytes[length..]);
            if (at < 0)
            {
                return length;
            }

            bytes[length++] = (byte)text[at];
            text = text[(at + 1)..];
        }
    }

    /// <summary>The number of bytes that <see cref="Encode(ReadOnlySpan{char})"/> returns.</summary>
    public static int GetByteCount(ReadOnlySpan<char> text)
    {
        int count = 0;
        while (true)
        {
            int at = IndexOfEscaped(text);
            if (at < 0)
            {
                return count + Encoding.UTF8.GetByteCount(text);
            }

            count += Encoding.UTF8.GetByteCount(text[..at]) + 1;
            text = text[(at + 1)..];
        }
    }

    /// <summary>Whether the bytes were UTF-8.</summary>
    public static bool IsUtf8(ReadOnlySpan<char> text) => IndexOfEscaped(text) < 0;

    private static string DecodeEscaping(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int consumed);
            if (status == OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (byte b in bytes[..consumed])
                {
                    text.Append((char)(First - 0x80 + b));
                }
            }

            bytes = bytes[consumed..];
        }

        return text.ToString();
    }

    /// <summary>Finds the first char that stands for a byte; the second half of a surrogate pair does not.</summary>
    private static int IndexOfEscaped(ReadOnlySpan<char> text)
    {
        for (int from = 0; ;)
        {
            int at = text[from..].IndexOfAnyInRange(First, Last);
            if (at < 0)
            {
                return -1;
            }

            at += from;
            if (at == 0 || !char.IsHighSurrogate(text[at - 1]))
            {
                return at;
            }

            from = at + 1;
        }
    }
}

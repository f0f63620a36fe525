using System.Globalization;
using System.Text;

namespace Tarn.Load;

/// <summary>A byte array that grows, reused from request to request so that building one allocates nothing.</summary>
internal sealed class ByteBuffer(int capacity)
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Appends the UTF-8 bytes of <paramref name="text"/>.</summary>
    public void Append(string text) => Length += Encoding.UTF8.GetBytes(text, Reserve(text.Length * 3));

    public void Append(long value)
    {
        value.TryFormat(Reserve(20), out int written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    /// <summary>Appends lower-case hexadecimal digits.</summary>
    public void AppendHex(ReadOnlySpan<byte> bytes)
    {
        Span<byte> to = Reserve(bytes.Length * 2);
        for (int i = 0; i < bytes.Length; i++)
        {
            to[2 * i] = "0123456789abcdef"u8[bytes[i] >> 4];
            to[(2 * i) + 1] = "0123456789abcdef"u8[bytes[i] & 15];
        }

        Length += bytes.Length * 2;
    }

    /// <summary>Appends <paramref name="text"/> percent-encoded as SigV4 asks: all but A–Z a–z 0–9 - . _ ~, and '/' when asked to keep it.</summary>
    public void AppendUriEncoded(string text, bool keepSlash)
    {
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~' || (keepSlash && b == '/'))
            {
                Append([b]);
            }
            else
            {
                Append([(byte)'%', "0123456789ABCDEF"u8[b >> 4], "0123456789ABCDEF"u8[b & 15]]);
            }
        }
    }

    private Span<byte> Reserve(int more)
    {
        if (Length + more > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + more));
        }

        return _bytes.AsSpan(Length);
    }
}

using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Tarn.S3.Wire;

/// <summary>
/// Writes an S3 response document as UTF-8 straight into a buffer writer. Element names are trusted literals; text is
/// escaped. Characters that XML 1.0 cannot hold are written as references (<c>&amp;#x1;</c>), as S3 itself does.
/// </summary>
internal ref struct S3XmlWriter
{
    private static readonly SearchValues<byte> NeedsEscape = SearchValues.Create(EscapedBytes());

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _span;
    private int _used;

    /// <summary>Begins with the XML declaration. Call <see cref="Flush"/> at the end.</summary>
    public S3XmlWriter(IBufferWriter<byte> output)
    {
        _output = output;
        _span = output.GetSpan(4096);
        Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"u8);
    }

    /// <summary>Opens the root element in the S3 namespace.</summary>
    public void StartRoot(ReadOnlySpan<byte> name)
    {
        Raw("<"u8);
        Raw(name);
        Raw(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"u8);
    }

    public void Start(ReadOnlySpan<byte> name)
    {
        Raw("<"u8);
        Raw(name);
        Raw(">"u8);
    }

    public void End(ReadOnlySpan<byte> name)
    {
        Raw("</"u8);
        Raw(name);
        Raw(">"u8);
    }

    public void Element(ReadOnlySpan<byte> name, ReadOnlySpan<char> text)
    {
        Start(name);
        Text(text);
        End(name);
    }

    public void Element(ReadOnlySpan<byte> name, ReadOnlySpan<byte> utf8)
    {
        Start(name);
        Text(utf8);
        End(name);
    }

    public void Element(ReadOnlySpan<byte> name, long value)
    {
        Start(name);
        Reserve(20);
        Utf8Formatter.TryFormat(value, _span[_used..], out int written);
        _used += written;
        End(name);
    }

    public void Element(ReadOnlySpan<byte> name, bool value) => Element(name, value ? "true"u8 : "false"u8);

    /// <summary>A time as S3 writes it in documents: UTC, ISO 8601 with milliseconds.</summary>
    public void Element(ReadOnlySpan<byte> name, DateTimeOffset value)
    {
        Start(name);
        Reserve(24);
        value.UtcDateTime.TryFormat(_span[_used..], out int written, "yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
        _used += written;
        End(name);
    }

    /// <summary>Writes an element, or nothing when there is no text.</summary>
    public void Optional(ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            Element(name, text.AsSpan());
        }
    }

    /// <summary>An entity tag, given without its quotes.</summary>
    public void ETag(ReadOnlySpan<char> unquoted)
    {
        Raw("<ETag>&quot;"u8);
        Text(unquoted);
        Raw("&quot;</ETag>"u8);
    }

    public void Text(ReadOnlySpan<char> text)
    {
        Span<byte> utf8 = stackalloc byte[1536];
        while (!text.IsEmpty)
        {
            ReadOnlySpan<char> part = text.Length <= 512 ? text : text[..(char.IsHighSurrogate(text[511]) ? 511 : 512)];
            int length = Encoding.UTF8.GetBytes(part, utf8);
            Text(utf8[..length]);
            text = text[part.Length..];
        }
    }

    public void Text(scoped ReadOnlySpan<byte> utf8)
    {
        while (true)
        {
            int at = utf8.IndexOfAny(NeedsEscape);
            if (at < 0)
            {
                Raw(utf8);
                return;
            }

            Raw(utf8[..at]);

            // U+FFFE and U+FFFF are the two characters above ASCII that XML 1.0 excludes: EF BF BE and EF BF BF.
            if (utf8[at] == 0xEF)
            {
                bool excluded = utf8.Length >= at + 3 && utf8[at + 1] == 0xBF && utf8[at + 2] >= 0xBE;
                if (excluded)
                {
                    Raw(utf8[at + 2] == 0xBE ? "&#xfffe;"u8 : "&#xffff;"u8);
                }
                else
                {
                    Raw(utf8.Slice(at, 1));
                }

                utf8 = utf8[(at + (excluded ? 3 : 1))..];
                continue;
            }

            Escape(utf8[at]);
            utf8 = utf8[(at + 1)..];
        }
    }

    /// <summary>Writes bytes that are XML already.</summary>
    public void Raw(scoped ReadOnlySpan<byte> xml)
    {
        if (!xml.TryCopyTo(_span[_used..]))
        {
            Reserve(xml.Length);
            xml.CopyTo(_span[_used..]);
        }

        _used += xml.Length;
    }

    /// <summary>Passes everything written to the buffer writer, which may then be flushed. Writing may continue afterwards.</summary>
    public void Flush()
    {
        _output.Advance(_used);
        _used = 0;
        _span = default;
    }

    private void Reserve(int bytes)
    {
        if (_span.Length - _used < bytes)
        {
            _output.Advance(_used);
            _used = 0;
            _span = _output.GetSpan(Math.Max(bytes, 4096));
        }
    }

    private void Escape(byte b)
    {
        switch (b)
        {
            case (byte)'&': Raw("&amp;"u8); break;
            case (byte)'<': Raw("&lt;"u8); break;
            case (byte)'>': Raw("&gt;"u8); break;
            case (byte)'"': Raw("&quot;"u8); break;
            default:
                // Carriage return, tab and line feed too, since an XML reader would normalize them.
                Raw("&#x"u8);
                Reserve(2);
                Utf8Formatter.TryFormat(b, _span[_used..], out int written, new StandardFormat('x'));
                _used += written;
                Raw(";"u8);
                break;
        }
    }

    private static byte[] EscapedBytes()
    {
        var bytes = new List<byte>(Enumerable.Range(0, 0x20).Select(i => (byte)i));
        bytes.AddRange("&<>\"\x7F"u8);
        bytes.Add(0xEF);
        return [.. bytes];
    }
}

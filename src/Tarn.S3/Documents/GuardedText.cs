using System.Buffers;
using System.Text;
using System.Xml;

namespace Tarn.S3.Documents;

/// <summary>
/// Passes a document's characters to the XML reader, which buffers a whole tag with all its attributes before
/// it returns it: refuses tags that are too long, and document types. The reader checks everything else.
/// </summary>
internal sealed class GuardedText : TextReader
{
    /// <summary>In characters; S3's tags have a name and a few namespaces.</summary>
    private const int MaxTag = 4096;

    private readonly char[] _decoded = new char[2048];
    private readonly Decoder _decoder;
    private ReadOnlySequence<byte> _bytes;
    private int _start;
    private int _end;
    private bool _finished;
    private Place _place = Place.Text;
    private char _quote;
    private int _length;

    public GuardedText(in ReadOnlySequence<byte> bytes)
    {
        (Encoding encoding, int mark) = Detect(bytes);
        IsUtf16 = encoding is UnicodeEncoding;
        _decoder = encoding.GetDecoder();
        _bytes = bytes.Slice(mark);
    }

    private enum Place
    {
        Text,
        Tag,
        QuotedInTag,
        Declaration,
        Comment,
        CharacterData,
        Instruction,
    }

    public bool IsUtf16 { get; }

    public override int Peek() => Fill() ? _decoded[_start] : -1;

    public override int Read() => Fill() ? _decoded[_start++] : -1;

    public override int Read(char[] buffer, int index, int count)
    {
        if (count == 0 || !Fill())
        {
            return 0;
        }

        int taken = Math.Min(count, _end - _start);
        _decoded.AsSpan(_start, taken).CopyTo(buffer.AsSpan(index));
        _start += taken;
        return taken;
    }

    /// <summary>Detects the encoding by the byte order mark or, without one, by the first character, which XML requires to be <c>&lt;</c>.</summary>
    private static (Encoding Encoding, int Mark) Detect(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> start = stackalloc byte[3];
        int length = (int)Math.Min(start.Length, bytes.Length);
        bytes.Slice(0, length).CopyTo(start);
        return start[..length] switch
        {
            [0xEF, 0xBB, 0xBF] => (new UTF8Encoding(false, true), 3),
            [0xFE, 0xFF, ..] => (new UnicodeEncoding(true, false, true), 2),
            [0xFF, 0xFE, ..] => (new UnicodeEncoding(false, false, true), 2),
            [0, (byte)'<', ..] => (new UnicodeEncoding(true, false, true), 0),
            [(byte)'<', 0, ..] => (new UnicodeEncoding(false, false, true), 0),
            _ => (new UTF8Encoding(false, true), 0),
        };
    }

    /// <summary>Makes a character available; false at the end.</summary>
    private bool Fill()
    {
        while (_start == _end)
        {
            if (_finished)
            {
                return false;
            }

            ReadOnlySpan<byte> run = _bytes.FirstSpan;
            bool last = run.Length == _bytes.Length;
            _decoder.Convert(run, _decoded, last, out int used, out int made, out bool completed);
            _bytes = _bytes.Slice(used);
            _finished = last && completed && _bytes.IsEmpty;
            (_start, _end) = (0, made);
            Inspect(_decoded.AsSpan(0, made));
        }

        return true;
    }

    private void Inspect(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            Inspect(c);
        }
    }

    private void Inspect(char c)
    {
        switch (_place)
        {
            case Place.Text:
                if (c == '<')
                {
                    Enter(Place.Tag);
                }

                break;

            case Place.Tag:
                InspectTag(c);
                break;

            case Place.Declaration:
                // <!-- and <![CDATA[ are allowed; <!DOCTYPE is refused.
                Enter(c switch { '-' => Place.Comment, '[' => Place.CharacterData, _ => throw new XmlException("A document type is not allowed.") });
                break;

            case Place.QuotedInTag:
                Count();
                _place = c == _quote ? Place.Tag : Place.QuotedInTag;
                break;

            case Place.Comment:
                _length = c == '-' ? _length + 1 : c == '>' && _length >= 2 ? -1 : 0;
                Leave(_length < 0);
                break;

            case Place.CharacterData:
                _length = c == ']' ? _length + 1 : c == '>' && _length >= 2 ? -1 : 0;
                Leave(_length < 0);
                break;

            default:
                Leave(c == '>' && _length == 1);
                _length = c == '?' ? 1 : 0;
                break;
        }
    }

    /// <summary>Recognizes what follows <c>&lt;</c> by its first character.</summary>
    private void InspectTag(char c)
    {
        Count();
        if (_length == 1 && c == '?')
        {
            Enter(Place.Instruction);
        }
        else if (_length == 1 && c == '!')
        {
            Enter(Place.Declaration);
        }
        else if (c is '"' or '\'')
        {
            _quote = c;
            _place = Place.QuotedInTag;
        }
        else
        {
            Leave(c == '>');
        }
    }

    private void Enter(Place place)
    {
        _place = place;

        // The two dashes that open a comment do not close it: <!--> is malformed, which the reader reports.
        _length = place == Place.Comment ? -1 : 0;
    }

    private void Leave(bool ends)
    {
        if (ends)
        {
            _place = Place.Text;
        }
    }

    private void Count()
    {
        if (++_length > MaxTag)
        {
            throw new XmlException("The document has a tag that is too long.");
        }
    }
}

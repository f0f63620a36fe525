using System.Buffers;
using System.Text;
using System.Xml;
using Tarn.Core.Errors;

namespace Tarn.S3.Documents;

/// <summary>
/// Reads the XML documents that clients send and accepts only the elements of their shape. Namespace declarations,
/// <c>xsi:*</c>, <c>xml:*</c>, comments and processing instructions are ignored; nothing else is.
/// </summary>
internal sealed class DocumentReader
{
    private const string S3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
    private const string Declarations = "http://www.w3.org/2000/xmlns/";
    private const string Xml = "http://www.w3.org/XML/1998/namespace";
    private const string Instance = "http://www.w3.org/2001/XMLSchema-instance";

    /// <summary>Deeper than any of S3's documents, parts that are not implemented included.</summary>
    private const int MaxDepth = 16;
    private const int MaxAttributes = 16;

    /// <summary>10,000 parts with all their checksums.</summary>
    private const int MaxElements = 160 * 1024;

    private readonly XmlReader _reader;
    private readonly DocumentShape _shape;
    private readonly bool _utf16;
    private readonly Stack<Open> _open = new();
    private readonly StringBuilder _pieces = new();
    private readonly char[] _piece = new char[1024];
    private DocumentElement? _root;
    private string _namespace = "";
    private int _elements;

    /// <summary>The depth of the enclosing element that is not implemented, whose content is skipped; -1: there is none.</summary>
    private int _skipped = -1;
    private string? _refusal;

    private DocumentReader(XmlReader reader, DocumentShape shape, bool utf16)
    {
        _reader = reader;
        _shape = shape;
        _utf16 = utf16;
    }

    /// <summary>Reads a document.</summary>
    /// <param name="shape">The kind of document it must be.</param>
    /// <param name="bytes">UTF-8, or UTF-16 recognized by its first bytes.</param>
    /// <exception cref="S3Exception">The shape's refusal; NotImplemented for an element of S3's that this server does not have.</exception>
    public static DocumentElement Read(DocumentShape shape, in ReadOnlySequence<byte> bytes)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            NameTable = new BoundedNameTable(),
            CheckCharacters = false,
        };
        try
        {
            using var text = new GuardedText(bytes);
            using var reader = XmlReader.Create(text, settings);
            return new DocumentReader(reader, shape, text.IsUtf16).Read();
        }
        catch (Exception e) when (e is XmlException or ArgumentException or InvalidOperationException)
        {
            throw new S3Exception(shape.Malformed, inner: e);
        }
    }

    /// <inheritdoc cref="Read(DocumentShape, in ReadOnlySequence{byte})"/>
    public static DocumentElement Read(DocumentShape shape, byte[] bytes) => Read(shape, new ReadOnlySequence<byte>(bytes));

    private DocumentElement Read()
    {
        while (_reader.Read())
        {
            switch (_reader.NodeType)
            {
                case XmlNodeType.XmlDeclaration:
                    ThrowIfOtherEncoding(_reader.GetAttribute("encoding"));
                    break;

                case XmlNodeType.Element:
                    Start();
                    break;

                case XmlNodeType.EndElement:
                    End();
                    break;

                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace:
                    Append();
                    break;

                default:
                    throw Malformed();
            }
        }

        // Checked last, so that a malformed document is reported as malformed rather than as not implemented.
        return _refusal is null ? _root ?? throw Malformed() : throw new S3Exception(S3Error.NotImplemented, _refusal);
    }

    private void Start()
    {
        bool empty = _reader.IsEmptyElement;
        if (_reader.Depth >= MaxDepth || ++_elements > MaxElements || _reader.AttributeCount > MaxAttributes)
        {
            throw Malformed();
        }

        if (_skipped >= 0)
        {
            return;
        }

        ElementShape? shape = Admit();
        string? type = ReadAttributes();
        if (shape is null)
        {
            _skipped = empty ? -1 : _reader.Depth;
            return;
        }

        var element = new DocumentElement(shape) { Type = type };
        if (_open.TryPeek(out Open parent))
        {
            parent.Element.Add(element);
        }

        _root ??= element;
        if (!empty)
        {
            _open.Push(new Open(element, shape, shape.Children is { } children ? new int[children.Count] : []));
        }
    }

    /// <summary>The shape of the element that begins; null for one whose content is skipped.</summary>
    private ElementShape? Admit()
    {
        string name = _reader.LocalName;
        string space = _reader.NamespaceURI;
        if (_root is null)
        {
            // Any namespace is accepted: clients spell S3's in several ways, or leave it out.
            _namespace = space;
            return name == _shape.Root.Name ? _shape.Root : throw Malformed();
        }

        // The AWS SDK for .NET puts Grantee into the namespace of xsi:type.
        Open parent = _open.Peek();
        int place = parent.Shape.Find(name);
        if (place < 0 || !(space.Length == 0 || space == _namespace || space is S3Namespace or Instance))
        {
            throw Malformed();
        }

        ElementShape shape = parent.Shape.Children![place];
        if (++parent.Counts[place] > shape.Most)
        {
            throw Malformed();
        }

        if (shape.Refusal is { } refusal)
        {
            _refusal ??= refusal;
            return null;
        }

        return shape;
    }

    private string? ReadAttributes()
    {
        string? type = null;
        while (_reader.MoveToNextAttribute())
        {
            switch (_reader.NamespaceURI)
            {
                case Declarations or Xml:
                    break;

                case Instance:
                    type = _reader.LocalName == "type" ? _reader.Value.Trim() : type;
                    break;

                default:
                    throw Malformed();
            }
        }

        _reader.MoveToElement();
        return type;
    }

    private void End()
    {
        if (_skipped >= 0)
        {
            _skipped = _reader.Depth == _skipped ? -1 : _skipped;
            return;
        }

        Open ended = _open.Pop();
        if (ended.Shape.Children is null)
        {
            string text = _pieces.ToString();
            _pieces.Clear();
            ended.Element.Text = IsWhole(text) ? text : throw Malformed();
        }
    }

    private void Append()
    {
        if (_skipped >= 0 || !_open.TryPeek(out Open parent))
        {
            return;
        }

        // Between elements there is only white space; inside one, comments may split the text into several pieces.
        bool holdsText = parent.Shape.Children is null;
        for (int read; (read = _reader.ReadValueChunk(_piece, 0, _piece.Length)) > 0;)
        {
            ReadOnlySpan<char> piece = _piece.AsSpan(0, read);
            if (holdsText)
            {
                _pieces.Append(piece);
            }
            else if (!piece.IsWhiteSpace())
            {
                throw Malformed();
            }
        }
    }

    /// <summary>Whether the text has neither NUL nor unpaired surrogates; other control characters may be part of a key.</summary>
    private static bool IsWhole(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i]))))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The first bytes determine the encoding; a declared encoding must agree.</summary>
    private void ThrowIfOtherEncoding(string? declared)
    {
        bool fits = declared is null || (_utf16
            ? declared.StartsWith("UTF-16", StringComparison.OrdinalIgnoreCase)
            : declared.Equals("UTF-8", StringComparison.OrdinalIgnoreCase) || declared.Equals("US-ASCII", StringComparison.OrdinalIgnoreCase));
        if (!fits)
        {
            throw Malformed();
        }
    }

    private S3Exception Malformed() => new(_shape.Malformed);

    /// <param name="Counts">How often each child of the shape has occurred.</param>
    private readonly record struct Open(DocumentElement Element, ElementShape Shape, int[] Counts);
}

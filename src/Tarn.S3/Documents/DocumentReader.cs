using System.Buffers;
using System.Xml;
using Tarn.Core.Errors;

namespace Tarn.S3.Documents;

/// <summary>
/// Reads the XML documents that clients send and accepts only the elements of their shape (see <see cref="DocumentBuilder"/>). Namespace
/// declarations, <c>xsi:*</c>, <c>xml:*</c>, comments and processing instructions are ignored; nothing else is.
/// </summary>
internal sealed class DocumentReader
{
    private const string Declarations = "http://www.w3.org/2000/xmlns/";
    private const string Xml = "http://www.w3.org/XML/1998/namespace";

    /// <summary>Deeper than any of S3's documents, parts that are not implemented included.</summary>
    private const int MaxDepth = 16;
    private const int MaxAttributes = 16;

    /// <summary>10,000 parts with all their checksums.</summary>
    private const int MaxElements = 160 * 1024;

    private readonly XmlReader _reader;
    private readonly DocumentBuilder _document;
    private readonly bool _utf16;
    private readonly char[] _piece = new char[1024];
    private int _elements;

    private DocumentReader(XmlReader reader, DocumentShape shape, bool utf16)
    {
        _reader = reader;
        _document = new DocumentBuilder(shape);
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
                    _document.End(_reader.Depth);
                    break;

                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace:
                    Append();
                    break;

                default:
                    throw _document.Malformed();
            }
        }

        return _document.Finish();
    }

    private void Start()
    {
        if (_reader.Depth >= MaxDepth || ++_elements > MaxElements || _reader.AttributeCount > MaxAttributes)
        {
            throw _document.Malformed();
        }

        if (!_document.IsSkipping)
        {
            (string name, string space, bool isEmpty, int depth) = (_reader.LocalName, _reader.NamespaceURI, _reader.IsEmptyElement, _reader.Depth);
            _document.Start(name, space, ReadType(), isEmpty, depth);
        }
    }

    /// <summary>The value of <c>xsi:type</c>; null for none.</summary>
    private string? ReadType()
    {
        string? type = null;
        while (_reader.MoveToNextAttribute())
        {
            switch (_reader.NamespaceURI)
            {
                case Declarations or Xml:
                    break;

                case DocumentBuilder.InstanceNamespace:
                    type = _reader.LocalName == "type" ? _reader.Value.Trim() : type;
                    break;

                default:
                    throw _document.Malformed();
            }
        }

        _reader.MoveToElement();
        return type;
    }

    private void Append()
    {
        if (!_document.TakesText)
        {
            return;
        }

        for (int read; (read = _reader.ReadValueChunk(_piece, 0, _piece.Length)) > 0;)
        {
            _document.Append(_piece.AsSpan(0, read));
        }
    }

    /// <summary>The first bytes determine the encoding; a declared encoding must agree.</summary>
    private void ThrowIfOtherEncoding(string? declared)
    {
        bool fits = declared is null || (_utf16
            ? declared.StartsWith("UTF-16", StringComparison.OrdinalIgnoreCase)
            : declared.Equals("UTF-8", StringComparison.OrdinalIgnoreCase) || declared.Equals("US-ASCII", StringComparison.OrdinalIgnoreCase));
        if (!fits)
        {
            throw _document.Malformed();
        }
    }
}

using System.Buffers;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Tarn.Core.Errors;
using Tarn.Core.Objects;

namespace Tarn.S3.Wire;

/// <summary>
/// Reads the XML documents that clients send: bounded in size and depth, without DTDs, whatever their namespace.
/// </summary>
internal static class RequestXml
{
    /// <summary>Bytes; enough for every document but the two lists.</summary>
    public const int DefaultLimit = 1024 * 1024;

    /// <summary>Bytes; enough for 1,000 keys to delete or 10,000 parts to complete.</summary>
    public const int ListLimit = 8 * 1024 * 1024;

    /// <summary>Bytes set aside before any has come: a declared length is only a promise.</summary>
    private const int FirstBuffer = 64 * 1024;

    private const int MaxDepth = 32;

    /// <summary>10,000 parts have ten elements each at most, and no document has attributes beyond a namespace or two.</summary>
    private const int MaxElements = 128 * 1024;
    private const int MaxAttributes = 16;

    /// <summary>The verified body as bytes.</summary>
    /// <exception cref="S3Exception">MaxMessageLengthExceeded when over the limit, and what the body itself refuses.</exception>
    public static async ValueTask<byte[]> ReadBytesAsync(IUploadBody body, int limit, CancellationToken cancellationToken = default)
    {
        if (body.Length > limit)
        {
            throw new S3Exception(S3Error.MaxMessageLengthExceeded);
        }

        var collected = new ArrayBufferWriter<byte>((int)Math.Clamp(body.Length ?? 4096, 1, FirstBuffer));
        while (true)
        {
            ReadOnlySequence<byte> run = await body.ReadAsync(cancellationToken);
            if (run.IsEmpty)
            {
                return collected.WrittenSpan.ToArray();
            }

            if (collected.WrittenCount + run.Length > limit)
            {
                throw new S3Exception(S3Error.MaxMessageLengthExceeded);
            }

            foreach (ReadOnlyMemory<byte> segment in run)
            {
                collected.Write(segment.Span);
            }
        }
    }

    /// <summary>Reads a document. Element names come without their namespace.</summary>
    /// <param name="document">Its bytes.</param>
    /// <param name="root">The name that its root must have.</param>
    /// <param name="malformed">The refusal of what is no such document; null: MalformedXML.</param>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static XElement Parse(byte[] document, string root, S3Error? malformed = null)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            MaxCharactersInDocument = document.Length,
            CheckCharacters = false,
        };
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(document, writable: false), settings);
            XElement? element = ReadTree(reader);
            return element?.Name.LocalName == root ? element : throw new S3Exception(malformed ?? S3Error.MalformedXml);
        }
        catch (Exception e) when (e is XmlException or ArgumentException or InvalidOperationException)
        {
            throw new S3Exception(malformed ?? S3Error.MalformedXml, inner: e);
        }
    }

    /// <summary>Built by hand instead of XElement.Load, whose recursion a hostile document could drive arbitrarily deep.</summary>
    private static XElement? ReadTree(XmlReader reader)
    {
        XElement? root = null;
        XElement? current = null;
        int elements = 0;

        // Collected here: comments cut a text into any number of pieces, and an element copies what it has for each.
        var text = new StringBuilder();
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    Flush(text, current);
                    if (reader.Depth >= MaxDepth || ++elements > MaxElements || reader.AttributeCount > MaxAttributes)
                    {
                        throw new S3Exception(S3Error.MalformedXml);
                    }

                    var element = new XElement(reader.LocalName);
                    bool empty = reader.IsEmptyElement;
                    while (reader.MoveToNextAttribute())
                    {
                        if (reader.NamespaceURI != "http://www.w3.org/2000/xmlns/" && element.Attribute(reader.LocalName) is null)
                        {
                            element.Add(new XAttribute(reader.LocalName, reader.Value));
                        }
                    }

                    current?.Add(element);
                    root ??= element;
                    current = empty ? current : element;
                    break;

                case XmlNodeType.EndElement:
                    Flush(text, current);
                    current = current?.Parent;
                    break;

                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace:
                    // Other control characters may be part of a key; this one is part of nothing.
                    if (reader.Value.Contains('\0', StringComparison.Ordinal))
                    {
                        throw new S3Exception(S3Error.MalformedXml);
                    }

                    text.Append(reader.Value);
                    break;
            }
        }

        return root;
    }

    private static void Flush(StringBuilder text, XElement? element)
    {
        if (text.Length > 0)
        {
            element?.Add(text.ToString());
            text.Clear();
        }
    }
}

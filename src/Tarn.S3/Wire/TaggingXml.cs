using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Documents;

namespace Tarn.S3.Wire;

/// <summary>Reads and writes the document of tags. Source: Amazon S3 API Reference, data type Tagging.</summary>
internal static class TaggingXml
{
    /// <summary>Reads the document.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidTag, BadRequest.</exception>
    public static TagSet Read(DocumentElement document, TagLimits limits) => document.Find("TagSet") is { } set
        ? TagSet.Create(set.Children.Select(ReadTag), limits)
        : throw new S3Exception(S3Error.MalformedXml);

    /// <summary>Reads one Tag element.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static KeyValuePair<string, string> ReadTag(DocumentElement tag) => tag.TextOf("Key") is { } key && tag.TextOf("Value") is { } value
        ? new(key, value)
        : throw new S3Exception(S3Error.MalformedXml);

    /// <summary>The document.</summary>
    public static XmlContent Document(IReadOnlyList<KeyValuePair<string, string>> tags) => (ref S3XmlWriter xml) => Write(ref xml, tags);

    /// <summary>Writes the document.</summary>
    public static void Write(ref S3XmlWriter xml, IReadOnlyList<KeyValuePair<string, string>> tags)
    {
        xml.StartRoot("Tagging"u8);
        xml.Start("TagSet"u8);
        foreach (KeyValuePair<string, string> tag in tags)
        {
            WriteTag(ref xml, tag);
        }

        xml.End("TagSet"u8);
        xml.End("Tagging"u8);
    }

    public static void WriteTag(ref S3XmlWriter xml, KeyValuePair<string, string> tag)
    {
        xml.Start("Tag"u8);
        xml.Element("Key"u8, tag.Key.AsSpan());
        xml.Element("Value"u8, tag.Value.AsSpan());
        xml.End("Tag"u8);
    }
}

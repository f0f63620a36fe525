using System.Buffers;
using Tarn.Core;
using Tarn.Core.Errors;
using Tarn.Core.Lifecycle;
using Tarn.Core.Model;
using Tarn.S3.Documents;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Settings;

/// <summary>The documents of settings, for programs that have no request: what a server would make of one.</summary>
public static class SettingDocuments
{
    /// <summary>Reads a document as the PUT of its setting would, and returns it as a GET would answer it.</summary>
    /// <param name="subresource">The setting. Those whose documents say the same thing in one way only, or name accounts and other buckets, are returned as they are.</param>
    /// <param name="document">XML.</param>
    /// <returns>XML; null where the document unsets the setting.</returns>
    /// <exception cref="S3Exception">The document is refused.</exception>
    public static byte[]? Normalize(string subresource, byte[] document) => subresource switch
    {
        "tagging" => TaggingXml.Read(DocumentReader.Read(DocumentShapes.Tagging, document), TagLimits.Bucket) is { Count: > 0 } tags
            ? Write((ref S3XmlWriter xml) => TaggingXml.Write(ref xml, tags.Pairs))
            : null,
        "cors" => Write(CorsXml.Read(DocumentReader.Read(DocumentShapes.Cors, document)), CorsXml.Write),
        "lifecycle" => Write(
            LifecycleXml.Read(DocumentReader.Read(DocumentShapes.Lifecycle, document), TransitionMinimum.AllStorageClasses128K, SystemRandomSource.Instance),
            LifecycleXmlWriter.Write),
        _ => document,
    };

    private static byte[] Write<T>(T value, SettingWriter<T> write) => Write((ref S3XmlWriter xml) => write(ref xml, value));

    private static byte[] Write(XmlContent content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var xml = new S3XmlWriter(buffer);
        content(ref xml);
        xml.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}

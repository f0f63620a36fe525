using Tarn.Core.Errors;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Settings;

/// <summary>The format of a setting in requests and answers.</summary>
internal abstract class SettingFormat<T>
    where T : class
{
    /// <summary>Reads and validates the setting of a PUT.</summary>
    /// <exception cref="S3Exception">The body is not a valid value of the setting.</exception>
    public abstract ValueTask<SettingChange<T>> ReadAsync(S3Context context, SettingServices services);

    /// <summary>Answers with the setting.</summary>
    public abstract Task WriteAsync(S3Context context, T value, SettingServices services);
}

/// <summary>A setting as an XML document.</summary>
/// <param name="shape">The elements that the document may hold, and its largest size.</param>
/// <param name="read">Reads and validates the document of a PUT.</param>
/// <param name="write">Writes the document of an answer.</param>
internal sealed class XmlFormat<T>(DocumentShape shape, SettingReader<T> read, SettingWriter<T> write) : SettingFormat<T>
    where T : class
{
    /// <summary>Whether a PUT without Content-MD5 or a checksum is InvalidRequest.</summary>
    public bool DigestRequired { get; init; }

    public override async ValueTask<SettingChange<T>> ReadAsync(S3Context context, SettingServices services) =>
        new(read(await VerifiedBody.ReadXmlAsync(context, shape, DigestRequired), context, services));

    public override Task WriteAsync(S3Context context, T value, SettingServices services) =>
        ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) => write(ref xml, value));
}

/// <summary>Reads a setting from its document; null when the document unsets it.</summary>
/// <exception cref="S3Exception">The document is invalid.</exception>
internal delegate T? SettingReader<T>(DocumentElement document, S3Context context, SettingServices services)
    where T : class;

/// <summary>Writes a setting as its document.</summary>
internal delegate void SettingWriter<T>(ref S3XmlWriter xml, T value);

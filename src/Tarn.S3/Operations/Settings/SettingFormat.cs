using Tarn.Core.Errors;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Settings;

/// <summary>How requests carry a setting and how it is answered.</summary>
internal abstract class SettingFormat<T>
    where T : class
{
    /// <summary>Reads and validates the setting of a PUT.</summary>
    /// <exception cref="S3Exception">What the body holds is refused.</exception>
    public abstract ValueTask<SettingChange<T>> ReadAsync(S3Context context, SettingServices services);

    /// <summary>Answers with the setting.</summary>
    public abstract Task WriteAsync(S3Context context, T value, SettingServices services);
}

/// <summary>A setting as an XML document.</summary>
/// <param name="shape">What the document may hold, and how many bytes.</param>
/// <param name="read">Validates the document of a PUT.</param>
/// <param name="write">Writes the answer's document.</param>
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

/// <summary>Reads a setting from its document; null where the document says that there is none.</summary>
/// <exception cref="S3Exception">The document is refused.</exception>
internal delegate T? SettingReader<T>(DocumentElement document, S3Context context, SettingServices services)
    where T : class;

/// <summary>Writes a setting as its document.</summary>
internal delegate void SettingWriter<T>(ref S3XmlWriter xml, T value);

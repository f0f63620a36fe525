using Tarn.Core.Objects.Multipart;

namespace Tarn.S3.Wire;

/// <summary>Writes the initiator and the owner of an upload into listings.</summary>
internal static class UploadOwner
{
    public static void Write(ref S3XmlWriter xml, MultipartUpload upload)
    {
        Write(ref xml, "Initiator"u8, upload.InitiatorId, upload.InitiatorName);
        Write(ref xml, "Owner"u8, upload.OwnerId, upload.OwnerName);
    }

    private static void Write(ref S3XmlWriter xml, ReadOnlySpan<byte> element, string id, string name)
    {
        xml.Start(element);
        xml.Element("ID"u8, id);
        xml.Element("DisplayName"u8, name);
        xml.End(element);
    }
}

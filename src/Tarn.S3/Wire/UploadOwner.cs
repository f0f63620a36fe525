using Tarn.Core.Objects;

namespace Tarn.S3.Wire;

/// <summary>Who began an upload, as two listings say it: initiator and owner are the same organisation.</summary>
internal static class UploadOwner
{
    public static void Write(ref S3XmlWriter xml, MultipartUpload upload)
    {
        Write(ref xml, "Initiator"u8, upload);
        Write(ref xml, "Owner"u8, upload);
    }

    private static void Write(ref S3XmlWriter xml, ReadOnlySpan<byte> element, MultipartUpload upload)
    {
        xml.Start(element);
        xml.Element("ID"u8, upload.OwnerId);
        xml.Element("DisplayName"u8, upload.OwnerName);
        xml.End(element);
    }
}

using System.Text.Unicode;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>Whether records that decode hold values that such records can hold. The rest of a check relies on it.</summary>
internal static class RecordValues
{
    /// <exception cref="RecordFormatException">A value is none that such a record can hold.</exception>
    public static void ThrowIfOdd(this ObjectRecord record) =>
        ThrowIf(Problem(record.Checksum) ?? (record.Data is ObjectData.Extents extents ? Problem(extents.List) : null));

    /// <exception cref="RecordFormatException">A value is none that such a record can hold.</exception>
    public static void ThrowIfOdd(this PartRecord part) => ThrowIf(Problem(part.Checksum) ?? Problem(part.Extents));

    /// <summary>Why no object can be made of a blob with this footer; null when one can.</summary>
    /// <param name="footer">The footer.</param>
    /// <param name="now">The time. A footer of more than a day later is not believed: the blob would be the newest of its key for ever.</param>
    public static string? Problem(BlobFooter footer, DateTimeOffset now)
    {
        byte[] key = footer.Key.Utf8;
        return key.Length is 0 or > ObjectKey.MaxLength || !Utf8.IsValid(key) ? "Its footer has no key that an object can have."
            : footer.Written > (ulong)now.AddDays(1).ToUnixTimeMilliseconds() * 1000 ? "Its footer has a time in the future."
            : footer.Upload is not null && footer.PartNumber is < 1 or > MultipartUpload.MaxPartNumber ? $"Its footer says that it is part {footer.PartNumber}, which no upload has."
            : Problem(footer.Checksum) is { } problem ? $"Its footer cannot be used: {problem}"
            : null;
    }

    private static string? Problem(Checksum? checksum) =>
        checksum is null ? null
        : !Enum.IsDefined(checksum.Algorithm) ? $"There is no checksum algorithm {(int)checksum.Algorithm}."
        : !Enum.IsDefined(checksum.Type) ? $"There is no checksum type {(int)checksum.Type}."
        : checksum.Value.Length != ChecksumAlgorithms.HashSize(checksum.Algorithm) ? $"A checksum has {checksum.Value.Length} bytes."
        : null;

    private static string? Problem(IReadOnlyList<Extent> extents)
    {
        foreach (Extent extent in extents)
        {
            if (extent.Offset > long.MaxValue - extent.Length)
            {
                return $"It refers to {extent.Length} bytes at {extent.Offset} of blob {extent.Blob}, which no blob has.";
            }
        }

        return null;
    }

    private static void ThrowIf(string? problem)
    {
        if (problem is not null)
        {
            throw new RecordFormatException(problem);
        }
    }
}

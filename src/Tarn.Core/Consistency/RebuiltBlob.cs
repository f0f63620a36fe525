using Tarn.Core.Blobs;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Consistency;

/// <summary>An intact blob, and what it says of itself.</summary>
/// <param name="Id">The blob.</param>
/// <param name="Stored">Bytes of the whole blob.</param>
/// <param name="Size">Bytes of its payload.</param>
/// <param name="Footer">What it says.</param>
internal sealed record RebuiltBlob(BlobId Id, long Stored, long Size, BlobFooter Footer)
{
    /// <summary>All of the payload, of which the row that is made is the only holder.</summary>
    public Extent Extent => new(Id, 0, 0, Size, Stored);

    /// <summary>When it was written, Unix milliseconds in whole seconds.</summary>
    public long LastModified => Seconds(Footer.Written);

    /// <summary>A time in microseconds since 1970 as Unix milliseconds in whole seconds.</summary>
    public static long Seconds(ulong microseconds) => (long)(microseconds / 1_000_000 * 1000);

    /// <summary>Adds to a finding what the blob says of itself.</summary>
    public static Finding Describe(Finding finding, RebuiltBlob? blob) => blob is null ? finding : finding with
    {
        Bucket = blob.Footer.BucketName,
        Key = blob.Footer.Key.ToString(),
        Upload = blob.Footer.Upload?.ToString(),
        Part = blob.Footer.PartNumber,
    };
}

using System.Diagnostics.CodeAnalysis;
using Tarn.Core.Blobs;

namespace Tarn.Core.Model;

/// <summary>Names a multipart upload; 32 hexadecimal digits, which sort by when the upload began.</summary>
public readonly record struct UploadId(BlobId Value)
{
    public static UploadId Create(TimeProvider clock, IRandomSource random) =>
        new(BlobId.Create(random) with { High = Objects.ObjectWriter.Microseconds(clock) });

    public static bool TryParse([NotNullWhen(true)] string? text, out UploadId id)
    {
        bool valid = BlobId.TryParse(text, out BlobId value);
        id = new UploadId(value);
        return valid;
    }

    public override string ToString() => Value.ToString();
}

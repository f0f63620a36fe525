using System.Diagnostics.CodeAnalysis;
using Tarn.Core.Blobs;

namespace Tarn.Core.Model;

/// <summary>Names a multipart upload; 32 hexadecimal digits.</summary>
public readonly record struct UploadId(BlobId Value)
{
    public static UploadId Create(IRandomSource random) => new(BlobId.Create(random));

    public static bool TryParse([NotNullWhen(true)] string? text, out UploadId id)
    {
        bool valid = BlobId.TryParse(text, out BlobId value);
        id = new UploadId(value);
        return valid;
    }

    public override string ToString() => Value.ToString();
}

using System.Buffers;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Media;
using Tarn.S3.Wire;

namespace Tarn.S3.Reading;

/// <summary>Determines the content type of a file of a disk by its extension or, failing that, by its first bytes.</summary>
internal static class DiskContentType
{
    public static async ValueTask<string> OfAsync(byte[] key, DiskFile file, CancellationToken cancellationToken)
    {
        if (ContentTypes.Of(key) is { } known)
        {
            return known;
        }

        byte[] start = ArrayPool<byte>.Shared.Rent(MimeSniffer.HeaderLength);
        try
        {
            int read = await file.ReadStartAsync(start.AsMemory(0, MimeSniffer.HeaderLength), cancellationToken);
            return MimeSniffer.Sniff(start.AsSpan(0, read));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(start);
        }
    }
}

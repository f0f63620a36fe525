using Microsoft.AspNetCore.Http;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Wire;

/// <summary>Reads the digests in an upload's headers, against which its body is verified.</summary>
internal static class Ingestion
{
    /// <exception cref="Core.Errors.S3Exception">InvalidDigest or InvalidRequest.</exception>
    public static IngestRequest Read(IHeaderDictionary headers)
    {
        ChecksumHeaders checksum = ChecksumHeaders.Read(headers);
        return new IngestRequest
        {
            Algorithm = checksum.Algorithm,
            ExpectedChecksum = checksum.Expected,
            ChecksumInTrailer = checksum.InTrailer,
            ContentMd5 = ContentMd5.Read(headers),
        };
    }
}

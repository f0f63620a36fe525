using Microsoft.AspNetCore.Http;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Wire;

/// <summary>What an upload's headers ask it to be checked against.</summary>
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

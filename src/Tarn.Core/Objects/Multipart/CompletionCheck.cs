using System.Globalization;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Multipart;

/// <summary>Compares the parts and checksums in a completion request with what was uploaded.</summary>
internal static class CompletionCheck
{
    /// <summary>Returns the parts that the client names, in order, each checked against the uploaded part.</summary>
    /// <exception cref="S3Exception">InvalidPartOrder, InvalidPart, EntityTooSmall, BadDigest, InvalidRequest.</exception>
    public static List<PartRecord> Select(MultipartUpload upload, CompletionRequest request, Dictionary<int, byte[]> uploaded)
    {
        var parts = new List<PartRecord>(request.Parts.Count);
        foreach (CompletionPart named in request.Parts)
        {
            if (parts.Count > 0 && named.Number <= parts[^1].Number)
            {
                throw new S3Exception(S3Error.InvalidPartOrder) { Details = [new("UploadId", upload.Id.ToString())] };
            }

            if (!uploaded.TryGetValue(named.Number, out byte[]? bytes))
            {
                throw InvalidPart(upload, named);
            }

            PartRecord part = Rows.Decode(Tables.PartKey(upload.Id, named.Number), bytes, PartRecord.Decode);
            if (!part.ETag.Matches(named.ETag))
            {
                throw InvalidPart(upload, named);
            }

            ThrowIfOtherChecksum(upload, named, part);
            parts.Add(part);
        }

        for (int i = 0; i < parts.Count - 1; i++)
        {
            if (parts[i].Size < MultipartUpload.MinPartSize)
            {
                throw new S3Exception(S3Error.EntityTooSmall)
                {
                    Details =
                    [
                        new("ProposedSize", parts[i].Size.ToString(CultureInfo.InvariantCulture)),
                        new("MinSizeAllowed", MultipartUpload.MinPartSize.ToString(CultureInfo.InvariantCulture)),
                        new("PartNumber", parts[i].Number.ToString(CultureInfo.InvariantCulture)),
                        new("ETag", parts[i].ETag.ToString()),
                    ],
                };
            }
        }

        return parts;
    }

    private static void ThrowIfOtherChecksum(MultipartUpload upload, CompletionPart named, PartRecord part)
    {
        foreach ((ChecksumAlgorithm algorithm, string text) in named.Checksums)
        {
            if (part.Checksum is { } kept && kept.Algorithm == algorithm && kept.ToString() != text)
            {
                throw InvalidPart(upload, named);
            }

            if (upload.Algorithm is { } declared && declared != algorithm)
            {
                throw new S3Exception(S3Error.BadDigest, $"The {ChecksumAlgorithms.Name(algorithm).ToLowerInvariant()} you specified for part {named.Number} did not match what we received.");
            }
        }

        if (upload.Algorithm is { } needed && upload.ChecksumType == ChecksumType.Composite && !named.Checksums.ContainsKey(needed))
        {
            string name = ChecksumAlgorithms.Name(needed).ToLowerInvariant();
            throw new S3Exception(
                S3Error.InvalidRequest,
                $"The upload was created using a {name} checksum. The complete request must include the checksum for each part. It was missing for part {named.Number} in the request.");
        }
    }

    /// <summary>Composes the object's checksum from those of its parts; null when a part has none of the algorithm.</summary>
    /// <exception cref="S3Exception">InvalidRequest when the checksum type differs from the upload's; BadDigest when the client expects another value.</exception>
    public static Checksum? Compose(MultipartUpload upload, CompletionRequest request, List<PartRecord> parts)
    {
        if (request.ChecksumType is { } type && type != upload.ChecksumType)
        {
            throw new S3Exception(S3Error.InvalidRequest, "The upload was created using a different checksum type than the complete request names.");
        }

        // A client that named no algorithm for the upload may have named one for a part.
        Checksum? checksum = PartChecksums.Combine(upload.EffectiveAlgorithm, upload.ChecksumType, parts);
        if (request.Checksum is { } expected && (checksum is null || checksum.Algorithm != expected.Algorithm || !Agrees(checksum, expected.Text)))
        {
            throw new S3Exception(S3Error.BadDigest, $"The {ChecksumAlgorithms.Name(expected.Algorithm).ToLowerInvariant()} you specified did not match the calculated checksum.");
        }

        return checksum;
    }

    /// <summary>Clients send a composite checksum with or without its part count.</summary>
    public static bool Agrees(Checksum checksum, string text) =>
        checksum.ToString() == text || Convert.ToBase64String(checksum.Value) == text;

    private static S3Exception InvalidPart(MultipartUpload upload, CompletionPart part) => new(S3Error.InvalidPart)
    {
        Details =
        [
            new("UploadId", upload.Id.ToString()),
            new("PartNumber", part.Number.ToString(CultureInfo.InvariantCulture)),
            new("ETag", part.ETag.Trim('"')),
        ],
    };
}

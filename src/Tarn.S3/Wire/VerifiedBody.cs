using System.Xml.Linq;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.S3.Pipeline;

namespace Tarn.S3.Wire;

/// <summary>Documents that come with a digest.</summary>
internal static class VerifiedBody
{
    /// <summary>Reads the body, checks the digests that came with it, and parses it.</summary>
    /// <exception cref="S3Exception">InvalidRequest when a digest is required and there is none; BadDigest; MalformedXML.</exception>
    public static async ValueTask<XElement> ReadXmlAsync(S3Context context, string root, int limit, bool digestRequired)
    {
        byte[] bytes = await ReadBytesAsync(context, limit, digestRequired);
        return bytes.Length == 0 ? throw new S3Exception(S3Error.MissingRequestBody) : RequestXml.Parse(bytes, root);
    }

    /// <summary>Reads the body and checks the digests that came with it.</summary>
    /// <exception cref="S3Exception">InvalidRequest when a digest is required and there is none; BadDigest.</exception>
    public static async ValueTask<byte[]> ReadBytesAsync(S3Context context, int limit, bool digestRequired)
    {
        byte[]? md5 = ContentMd5.Read(context.Request.Headers);
        ChecksumHeaders checksum = ChecksumHeaders.Read(context.Request.Headers);
        if (digestRequired && md5 is null && checksum.Expected is null && !checksum.InTrailer)
        {
            throw new S3Exception(S3Error.InvalidRequest, "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
        }

        byte[] bytes = await RequestXml.ReadBytesAsync(context.Body, limit, context.CancellationToken);
        if (md5 is not null)
        {
            using StreamHasher hasher = StreamHasher.CreateMd5();
            Demand(hasher, bytes, md5, "The Content-MD5 you specified did not match what we received.");
        }

        byte[]? expected = checksum.InTrailer ? checksum.ReadTrailer(context.Body.Trailers) : checksum.Expected;
        if (expected is not null)
        {
            using StreamHasher hasher = StreamHasher.Create(checksum.Algorithm!.Value);
            Demand(hasher, bytes, expected, $"The {ChecksumAlgorithms.Name(checksum.Algorithm.Value)} you specified did not match the calculated checksum.");
        }

        return bytes;
    }

    private static void Demand(StreamHasher hasher, byte[] bytes, byte[] expected, string message)
    {
        hasher.Append(bytes);
        byte[] actual = new byte[hasher.HashSize];
        hasher.Finish(actual);
        if (!actual.AsSpan().SequenceEqual(expected))
        {
            throw new S3Exception(S3Error.BadDigest, message);
        }
    }
}

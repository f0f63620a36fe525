using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.S3.Documents;
using Tarn.S3.Wire;

namespace Tarn.S3.Requests;

/// <summary>Reads documents and verifies their digests.</summary>
internal static class VerifiedBody
{
    /// <summary>SHA-256 of nothing.</summary>
    private const string EmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <summary>Reads the body, checks it against the digests in the headers, and parses it.</summary>
    /// <exception cref="S3Exception">
    /// InvalidRequest when a digest is required and there is none; BadDigest; MissingRequestBodyError; MaxMessageLengthExceeded; SlowDown;
    /// the errors of <see cref="DocumentReader"/>.
    /// </exception>
    public static async ValueTask<DocumentElement> ReadXmlAsync(S3Caller caller, DocumentShape shape, bool digestRequired) =>
        await ReadOptionalXmlAsync(caller, shape, digestRequired) ?? throw new S3Exception(S3Error.MissingRequestBody);

    /// <inheritdoc cref="ReadXmlAsync(S3Caller, DocumentShape, bool)"/>
    public static ValueTask<DocumentElement> ReadXmlAsync(S3Context context, DocumentShape shape, bool digestRequired) =>
        ReadXmlAsync(context.Caller, shape, digestRequired);

    /// <summary>Like <see cref="ReadXmlAsync(S3Context, DocumentShape, bool)"/>, but null when the body is empty or missing.</summary>
    public static ValueTask<DocumentElement?> ReadOptionalXmlAsync(S3Context context, DocumentShape shape, bool digestRequired) =>
        ReadOptionalXmlAsync(context.Caller, shape, digestRequired);

    private static async ValueTask<DocumentElement?> ReadOptionalXmlAsync(S3Caller caller, DocumentShape shape, bool digestRequired)
    {
        using DocumentBytes bytes = await ReadAsync(caller, shape.Limit, digestRequired);
        return bytes.Length == 0 ? null : DocumentReader.Read(shape, bytes.Sequence);
    }

    /// <summary>Reads the body and checks it against the digests in the headers.</summary>
    /// <exception cref="S3Exception">InvalidRequest when a digest is required and there is none; BadDigest; MaxMessageLengthExceeded; SlowDown.</exception>
    public static async ValueTask<byte[]> ReadBytesAsync(S3Context context, int limit, bool digestRequired)
    {
        using DocumentBytes bytes = await ReadAsync(context.Caller, limit, digestRequired);
        return bytes.Sequence.ToArray();
    }

    /// <summary>Checks the digest from <see cref="ContentMd5.Read"/>; null for none.</summary>
    /// <exception cref="S3Exception">BadDigest.</exception>
    public static void ThrowIfMd5Differs(ReadOnlySequence<byte> bytes, byte[]? md5)
    {
        if (md5 is not null)
        {
            using StreamHasher hasher = StreamHasher.CreateMd5();
            ThrowIfDiffers(hasher, bytes, md5, "The Content-MD5 you specified did not match what we received.");
        }
    }

    private static async ValueTask<DocumentBytes> ReadAsync(S3Caller caller, int limit, bool digestRequired)
    {
        byte[]? md5 = ContentMd5.Read(caller.Request.Headers);
        ChecksumHeaders checksum = ChecksumHeaders.Read(caller.Request.Headers);
        if (digestRequired && md5 is null && checksum.Expected is null && !checksum.InTrailer)
        {
            throw new S3Exception(S3Error.InvalidRequest, "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
        }

        DocumentBytes bytes = HasNoBody(caller.Request.Http.Request) ? DocumentBytes.None() : await caller.ReadDocumentAsync(limit);
        try
        {
            ThrowIfMd5Differs(bytes.Sequence, md5);
            byte[]? expected = checksum.InTrailer ? checksum.ReadTrailer(caller.Body.Trailers) : checksum.Expected;
            if (expected is not null)
            {
                using StreamHasher hasher = StreamHasher.Create(checksum.Algorithm!.Value);
                ThrowIfDiffers(
                    hasher, bytes.Sequence, expected,
                    $"The {ChecksumAlgorithms.Name(checksum.Algorithm.Value)} you specified did not match the calculated checksum.");
            }

            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>Whether the request has no body, because its headers give no length. Source: RFC 9112, section 6.3.</summary>
    /// <exception cref="S3Exception">XAmzContentSHA256Mismatch when the signed request had a body.</exception>
    private static bool HasNoBody(HttpRequest request)
    {
        if (request.ContentLength is not null || request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is not false)
        {
            return false;
        }

        string signed = request.Headers["x-amz-content-sha256"].ToString();
        return signed.Length != EmptySha256.Length || signed == EmptySha256 ? true : throw new S3Exception(S3Error.ContentSha256Mismatch);
    }

    private static void ThrowIfDiffers(StreamHasher hasher, ReadOnlySequence<byte> bytes, byte[] expected, string message)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            hasher.Append(segment.Span);
        }

        if (!hasher.Finish().AsSpan().SequenceEqual(expected))
        {
            throw new S3Exception(S3Error.BadDigest, message);
        }
    }
}

using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Auth.Bodies;
using Tarn.S3.Auth.SigV4;

namespace Tarn.S3.Auth;

/// <summary>Wraps a request's body in the reader that removes its framing and verifies its hash and signatures.</summary>
/// <param name="time">Clock of the stall timeout.</param>
/// <param name="stallTimeout">Longest wait for the next byte; 60 s by default.</param>
/// <param name="minimumChunk">The minimum size in bytes of every aws-chunk but the last.</param>
internal sealed class UploadBodyFactory(TimeProvider time, TimeSpan? stallTimeout = null, int minimumChunk = UploadBodyFactory.MinimumChunk)
{
    /// <summary>
    /// 8 KiB: smaller chunks cost more work than their bytes are worth. Source: Amazon S3 API Reference, "Transferring Payload
    /// in Multiple Chunks".
    /// </summary>
    public const int MinimumChunk = 8 * 1024;

    private readonly TimeSpan _stallTimeout = stallTimeout ?? TimeSpan.FromSeconds(60);

    /// <summary>The body of <paramref name="request"/>; nothing is read from it yet.</summary>
    /// <param name="request">The request that was authenticated.</param>
    /// <param name="authentication">The result of <see cref="Authenticator"/>.</param>
    /// <param name="allowUnknownLength">Whether a plain body may come without Content-Length (chunked transfer encoding).</param>
    /// <exception cref="S3Exception">The required length is missing or malformed.</exception>
    public IUploadBody Create(HttpRequest request, AuthenticationResult authentication, bool allowUnknownLength = false)
    {
        var signing = authentication.Body;
        var pipe = new BodyPipe(request.BodyReader, time, _stallTimeout);
        if (signing.Kind is BodySigningKind.Unsigned or BodySigningKind.Sha256)
        {
            var length = PlainLength(request, allowUnknownLength);
            return signing.Sha256 is { } sha256 ? new Sha256VerifiedBody(pipe, length, sha256) : new PlainBody(pipe, length);
        }

        var decoded = DecodedLength(request);
        var chain = signing.Chunks is { } seed ? new ChunkSignatureChain(seed) : null;
        var trailer = signing.Kind == BodySigningKind.SignedChunks ? null : new TrailerSection(AnnouncedTrailers(request), chain);
        return new AwsChunkedBody(pipe, decoded, chain, trailer, minimumChunk);
    }

    private static long? PlainLength(HttpRequest request, bool allowUnknownLength)
    {
        if (request.ContentLength is { } length)
        {
            return length;
        }

        // Without either header HTTP/1.1 has no body (RFC 9112 section 6.3); HTTP/2 ends its stream instead.
        return allowUnknownLength ? null : throw new S3Exception(S3Error.MissingContentLength);
    }

    private static long DecodedLength(HttpRequest request)
    {
        var text = request.Headers["x-amz-decoded-content-length"];
        if (text.Count == 0)
        {
            throw new S3Exception(S3Error.MissingContentLength);
        }

        return long.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new S3Exception(S3Error.InvalidArgument, "x-amz-decoded-content-length must be a whole number of bytes, 0 or more.")
            {
                Details = [new("ArgumentName", "x-amz-decoded-content-length"), new("ArgumentValue", text.ToString())],
            };
    }

    private static HashSet<string> AnnouncedTrailers(HttpRequest request)
    {
        var names = request.Headers["x-amz-trailer"].ToString();
        return names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(name => name.ToLowerInvariant())
            .ToHashSet(StringComparer.Ordinal);
    }
}

using System.Buffers;

namespace Tarn.Core.Objects.Writing;

/// <summary>
/// The decoded bytes of one upload as they arrive: framing removed, signatures verified. Pulled by one reader.
/// </summary>
public interface IUploadBody
{
    /// <summary>The decoded length in bytes, when the client declared it (Content-Length or x-amz-decoded-content-length).</summary>
    long? Length { get; }

    /// <summary>
    /// Returns the next run of bytes, valid until the next call; empty once the body has ended and its declared length, payload hash,
    /// and chunk and trailer signatures have been verified.
    /// </summary>
    /// <exception cref="Errors.S3Exception">The body is malformed, cut off, too slow, or not what was signed.</exception>
    ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stops reading before the body has ended: takes back the lent bytes, so that the transport can continue with the next
    /// request. A body that owns its bytes does nothing.
    /// </summary>
    void Abandon()
    {
    }

    /// <summary>Bytes received from the client so far, framing included; 0 for a body from elsewhere.</summary>
    long Received => 0;

    /// <summary>Trailing headers by lower-case name; complete once <see cref="ReadAsync"/> has returned empty.</summary>
    IReadOnlyDictionary<string, string> Trailers { get; }
}

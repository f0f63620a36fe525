using System.Buffers;

namespace Tarn.Core.Objects.Writing;

/// <summary>
/// The decoded bytes of one upload as they arrive: framing removed, signatures verified. Pulled by one reader.
/// </summary>
public interface IUploadBody
{
    /// <summary>Decoded bytes to come, when the client said so (Content-Length or x-amz-decoded-content-length).</summary>
    long? Length { get; }

    /// <summary>
    /// The next run of bytes, valid until the next call; empty once the body has ended and everything that vouches for it
    /// (declared length, payload hash, chunk and trailer signatures) has been verified.
    /// </summary>
    /// <exception cref="Errors.S3Exception">The body is malformed, cut off, too slow, or not what was signed.</exception>
    ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Ends the reading before the body has ended: takes back the bytes that are lent, so that the transport can go on to the next
    /// request. A body whose bytes are its own has nothing to take back.
    /// </summary>
    void Abandon()
    {
    }

    /// <summary>Bytes that have come from the client so far, framing included; 0 for a body that comes from elsewhere.</summary>
    long Received => 0;

    /// <summary>Trailing headers by lower-case name; complete once <see cref="ReadAsync"/> returned empty.</summary>
    IReadOnlyDictionary<string, string> Trailers { get; }
}

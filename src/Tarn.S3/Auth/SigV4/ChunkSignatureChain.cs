using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Errors;

namespace Tarn.S3.Auth.SigV4;

/// <summary>
/// Verifies the signatures of an aws-chunked body in order; each covers the one before it, starting from the seed in the
/// request's headers, so that chunks cannot be changed, dropped or reordered.
/// Source: "Transferring Payload in Multiple Chunks" and "Signature calculations for trailing headers".
/// </summary>
internal sealed class ChunkSignatureChain(ChunkSigningSeed seed) : IDisposable
{
    private const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private string _previous = seed.Signature;

    /// <summary>Adds bytes to the current chunk.</summary>
    public void Append(in ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
        {
            _hash.AppendData(segment.Span);
        }
    }

    /// <summary>Ends the chunk and verifies its signature.</summary>
    public void VerifyChunk(string signature) => Verify("AWS4-HMAC-SHA256-PAYLOAD\n"u8, withEmptyHash: true, signature);

    /// <summary>Verifies the trailer's signature over "name:value\n" for each trailing header.</summary>
    public void VerifyTrailer(string canonicalTrailer, string signature)
    {
        _hash.AppendData(Encoding.UTF8.GetBytes(canonicalTrailer));
        Verify("AWS4-HMAC-SHA256-TRAILER\n"u8, withEmptyHash: false, signature);
    }

    public void Dispose() => _hash.Dispose();

    private void Verify(ReadOnlySpan<byte> kind, bool withEmptyHash, string signature)
    {
        Span<byte> hash = stackalloc byte[SigV4Signer.KeySize];
        _hash.GetHashAndReset(hash);
        var toSign = new PooledBytes(stackalloc byte[512]);
        try
        {
            toSign.Append(kind);
            toSign.AppendUtf8(seed.Timestamp);
            toSign.Append((byte)'\n');
            toSign.AppendUtf8(seed.Scope);
            toSign.Append((byte)'\n');
            toSign.AppendUtf8(_previous);
            toSign.Append((byte)'\n');
            if (withEmptyHash)
            {
                toSign.AppendUtf8(EmptyHash);
                toSign.Append((byte)'\n');
            }

            SigV4Signer.AppendHex(ref toSign, hash);
            if (!SigV4Signer.Verify(seed.SigningKey, toSign.Written, signature))
            {
                throw new S3Exception(S3Error.SignatureDoesNotMatch);
            }

            _previous = signature;
        }
        finally
        {
            toSign.Dispose();
        }
    }
}

using System.Buffers;
using System.Security.Cryptography;
using Tarn.Core.Errors;

namespace Tarn.S3.Auth.Bodies;

/// <summary>A plain body whose SHA-256 must match the one declared in x-amz-content-sha256.</summary>
internal sealed class Sha256VerifiedBody(BodyPipe pipe, long? length, string sha256) : PlainBody(pipe, length)
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    protected override void OnBytes(in ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
        {
            _hash.AppendData(segment.Span);
        }
    }

    protected override void OnEnd()
    {
        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(actual);
        _hash.Dispose();
        if (!actual.SequenceEqual(Convert.FromHexString(sha256)))
        {
            throw new S3Exception(S3Error.ContentSha256Mismatch)
            {
                Details =
                [
                    new("ClientComputedContentSHA256", sha256),
                    new("S3ComputedContentSHA256", Convert.ToHexStringLower(actual)),
                ],
            };
        }
    }
}

using System.Security.Cryptography;

namespace Tarn.Core.Hashing;

/// <summary>Computes cryptographic digests by the platform's library.</summary>
internal sealed class DigestHasher(HashAlgorithmName name) : StreamHasher
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(name);

    public override int HashSize => _hash.HashLengthInBytes;

    public override void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

    public override void Finish(Span<byte> destination) => _hash.GetHashAndReset(destination);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}

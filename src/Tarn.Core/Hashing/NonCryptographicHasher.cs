using System.IO.Hashing;

namespace Tarn.Core.Hashing;

/// <summary>Computes hashes of the xxHash family by System.IO.Hashing.</summary>
internal sealed class NonCryptographicHasher(NonCryptographicHashAlgorithm hash) : StreamHasher
{
    public override int HashSize => hash.HashLengthInBytes;

    public override void Append(ReadOnlySpan<byte> data) => hash.Append(data);

    public override void Finish(Span<byte> destination) => hash.GetHashAndReset(destination);
}

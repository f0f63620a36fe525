namespace Tarn.Core.Hashing;

/// <summary>Hashes of hashes, which S3 uses for objects uploaded in parts.</summary>
internal static class Concatenated
{
    /// <summary>Computes the hash of the parts' hashes, each of which must have the given size in bytes.</summary>
    /// <exception cref="ArgumentException">One has another size.</exception>
    public static byte[] Hash(StreamHasher hasher, IEnumerable<byte[]> partHashes, int partSize)
    {
        foreach (byte[] hash in partHashes)
        {
            if (hash.Length != partSize)
            {
                throw new ArgumentException($"A part's hash has {hash.Length} bytes, not {partSize}.", nameof(partHashes));
            }

            hasher.Append(hash);
        }

        return hasher.Finish();
    }
}

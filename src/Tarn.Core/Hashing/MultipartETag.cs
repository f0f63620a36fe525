namespace Tarn.Core.Hashing;

/// <summary>
/// Computes the hash in the ETag of a multipart object, whose text is hexadecimal digits followed by "-" and the number of parts.
/// Source: Amazon S3 User Guide, "Checking object integrity in Amazon S3", part-level checksums and ETags.
/// </summary>
public static class MultipartETag
{
    private const int Md5Size = 16;

    /// <summary>Computes the MD5 of the parts' MD5s in part order: 16 bytes.</summary>
    /// <exception cref="ArgumentException">A part's MD5 does not have 16 bytes.</exception>
    public static byte[] Compute(IEnumerable<byte[]> partMd5s)
    {
        ArgumentNullException.ThrowIfNull(partMd5s);
        using StreamHasher hasher = StreamHasher.CreateMd5();
        return Concatenated.Hash(hasher, partMd5s, Md5Size);
    }
}

using Tarn.Core.Model;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>
/// The persisted form of a bucket policy: its text, byte for byte, and before it a mark where a user without permission put it as the
/// bucket's first. Policies begin with a brace, so that no text is taken for the mark.
/// </summary>
public static class StoredBucketPolicy
{
    private const byte PutWithoutPermission = 1;

    /// <param name="text">As it was put.</param>
    /// <param name="withoutPermission">Whether nothing but that the bucket had none allowed to put it.</param>
    public static byte[] Encode(byte[] text, bool withoutPermission) => withoutPermission ? [PutWithoutPermission, .. text] : text;

    /// <summary>The text alone.</summary>
    public static ReadOnlyMemory<byte> Text(byte[] stored) => IsMarked(stored) ? stored.AsMemory(1) : stored;

    public static BucketPolicy Load(byte[] stored, BucketName bucket) => BucketPolicy.Load(Text(stored), bucket, IsMarked(stored));

    private static bool IsMarked(byte[] stored) => stored is [PutWithoutPermission, ..];
}

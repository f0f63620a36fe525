using Tarn.Core.Model;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>A bucket policy as it is stored: its text, byte for byte, and whether it was put without permission.</summary>
/// <param name="Text">As it was put.</param>
/// <param name="WithoutPermission">Whether it was allowed only because the bucket had no policy yet.</param>
public sealed record StoredBucketPolicy(ReadOnlyMemory<byte> Text, bool WithoutPermission)
{
    /// <summary>Comes before the text of one that was put without permission. Policies begin with a brace, so no text is taken for it.</summary>
    private const byte PutWithoutPermission = 1;

    /// <summary>The persisted form.</summary>
    public byte[] Encode() => WithoutPermission ? [PutWithoutPermission, .. Text.Span] : Text.ToArray();

    /// <summary>Reads the persisted form.</summary>
    public static StoredBucketPolicy Decode(byte[] bytes) =>
        bytes is [PutWithoutPermission, ..] ? new(bytes.AsMemory(1), true) : new(bytes, false);

    /// <summary>Compiles the policy.</summary>
    public BucketPolicy Load(BucketName bucket) => BucketPolicy.Load(Text, bucket, WithoutPermission);
}

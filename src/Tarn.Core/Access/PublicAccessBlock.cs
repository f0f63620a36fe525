using Tarn.Core.Records;

namespace Tarn.Core.Access;

/// <summary>
/// Keeps a bucket from becoming public. Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
/// </summary>
/// <param name="BlockPublicAcls">Refuses requests that would put a public grant into a list.</param>
/// <param name="IgnorePublicAcls">Ignores public grants.</param>
/// <param name="BlockPublicPolicy">Refuses public bucket policies.</param>
/// <param name="RestrictPublicBuckets">Lets a public bucket policy allow only principals of the owner's organization.</param>
public sealed record PublicAccessBlock(bool BlockPublicAcls, bool IgnorePublicAcls, bool BlockPublicPolicy, bool RestrictPublicBuckets)
{
    private const byte Marker = 1;

    /// <summary>The setting of a bucket that has none.</summary>
    public static readonly PublicAccessBlock Off = new(false, false, false, false);

    /// <summary>The persisted form: docs/design/records.md.</summary>
    public byte[] Encode() => new RecordWriter(Marker)
        .Number(1, BlockPublicAcls ? 1UL : 0)
        .Number(2, IgnorePublicAcls ? 1UL : 0)
        .Number(3, BlockPublicPolicy ? 1UL : 0)
        .Number(4, RestrictPublicBuckets ? 1UL : 0)
        .ToArray();

    /// <exception cref="RecordFormatException">The bytes are not a valid record of the setting, or were written by a newer build.</exception>
    public static PublicAccessBlock Decode(byte[] bytes)
    {
        PublicAccessBlock block = Off;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            bool on = reader.Number != 0;
            block = reader.Field switch
            {
                1 => block with { BlockPublicAcls = on },
                2 => block with { IgnorePublicAcls = on },
                3 => block with { BlockPublicPolicy = on },
                4 => block with { RestrictPublicBuckets = on },
                _ => block,
            };
        }

        return block;
    }
}

using System.Buffers.Binary;
using Tarn.Core.Model;

namespace Tarn.Core.Records;

/// <summary>The rows that each side of a mirror has of its own. They come after all others, so that a walk over what both sides share ends where they begin.</summary>
internal static partial class Tables
{
    public const byte Mirror = 0xFF;

    private const int MirrorPrefixBytes = 17;

    /// <summary>The prefix of all rows of this table.</summary>
    public static byte[] MirrorPrefix { get; } = [.. Enumerable.Repeat(Mirror, MirrorPrefixBytes)];

    /// <summary>The one <see cref="Mirroring.MirrorPosition"/>: the last group of commits.</summary>
    public static byte[] MirrorPositionKey { get; } = [.. MirrorPrefix, 0];

    /// <summary>The prefix of the rows of suspect copies.</summary>
    public static byte[] MirrorSuspectPrefix { get; } = [.. MirrorPrefix, 1];

    /// <summary>The prefix of the rows of blobs that were deleted on one side only.</summary>
    public static byte[] MirrorDeletedPrefix { get; } = [.. MirrorPrefix, 2];

    /// <summary>blob id, number of a side → nothing: a blob whose copy on that side, which was lost, may be incomplete.</summary>
    public static byte[] MirrorSuspectKey(Id128 blob, ulong side)
    {
        byte[] key = [.. MirrorSuspectPrefix, .. Id(blob), .. stackalloc byte[sizeof(ulong)]];
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(key.Length - sizeof(ulong)), side);
        return key;
    }

    /// <summary>The side that a row of a suspect copy names.</summary>
    public static ulong MirrorSuspectSide(byte[] key) => BinaryPrimitives.ReadUInt64BigEndian(key.AsSpan(key.Length - sizeof(ulong)));

    /// <summary>blob id → nothing: a blob that was deleted while the other side was lost, which may have it still.</summary>
    public static byte[] MirrorDeletedKey(Id128 blob) => [.. MirrorDeletedPrefix, .. Id(blob)];
}

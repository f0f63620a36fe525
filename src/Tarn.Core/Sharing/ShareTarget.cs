using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Disks.Catalog;

namespace Tarn.Core.Sharing;

/// <summary>The one file or object that a link opens.</summary>
public sealed class ShareTarget
{
    /// <summary>Bytes of <see cref="Digest"/>.</summary>
    internal const int DigestSize = 16;

    /// <param name="container">A disk's id, or a bucket's name.</param>
    /// <param name="bucketId">The bucket's id; 0 for a disk.</param>
    /// <param name="key">The file's path or the object's key, as bytes.</param>
    /// <param name="version">The version of an object; null for whichever is current.</param>
    public ShareTarget(string container, ulong bucketId, byte[] key, string? version)
    {
        Container = container;
        BucketId = bucketId;
        Key = key;
        Version = version;
    }

    /// <summary>A disk's id, or a bucket's name.</summary>
    public string Container { get; }

    /// <summary>The bucket's id; 0 for a disk.</summary>
    public ulong BucketId { get; }

    /// <summary>The file's path or the object's key, as bytes.</summary>
    public byte[] Key { get; }

    /// <summary>The version of an object; null for the current one.</summary>
    public string? Version { get; }

    /// <summary>Whether the target is a file of a disk.</summary>
    public bool IsDisk => DiskId.HasShape(Container);

    /// <summary>For logs: <c>dsk-…/path</c> or <c>bucket/key?versionId=…</c>, escaped so that it is one word of ASCII.</summary>
    public string Log =>
        $"{Container}/{Uri.EscapeDataString(Encoding.UTF8.GetString(Key)).Replace("%2F", "/", StringComparison.Ordinal)}{(Version is null ? "" : "?versionId=" + Uri.EscapeDataString(Version))}";

    /// <summary>The digest of the target that a token carries, so that it opens nothing else.</summary>
    internal byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        foreach (byte[] part in new[] { Encoding.UTF8.GetBytes(Container), Key, Encoding.UTF8.GetBytes(Version ?? "") })
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, (ulong)part.Length);
            hash.AppendData(number);
            hash.AppendData(part);
        }

        BinaryPrimitives.WriteUInt64BigEndian(number, BucketId);
        hash.AppendData(number);
        return hash.GetHashAndReset()[..DigestSize];
    }
}

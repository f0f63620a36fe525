using System.Buffers.Binary;
using System.Security.Cryptography;
using Tarn.Core.Files;
using Tarn.Core.Model;

namespace Tarn.Core.Disks.Trees;

/// <summary>
/// The entity tag of a file: a digest of the file's identity, its size and its times to the nanosecond. It ends in <c>-1</c>, like that of a
/// multipart upload, so that no client takes it for an MD5.
/// </summary>
internal static class DiskETag
{
    public static ETag Of(in FileStat stat)
    {
        Span<byte> facts = stackalloc byte[48];
        BinaryPrimitives.WriteUInt64LittleEndian(facts, stat.Identity.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(facts[8..], stat.Identity.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(facts[16..], stat.Size);
        BinaryPrimitives.WriteInt64LittleEndian(facts[24..], stat.Modified.Seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(facts[32..], stat.Modified.Nanoseconds);
        BinaryPrimitives.WriteInt64LittleEndian(facts[36..], stat.Changed.Seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(facts[44..], stat.Changed.Nanoseconds);
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(facts, digest);
        return ETag.FromMd5(digest, parts: 1);
    }
}

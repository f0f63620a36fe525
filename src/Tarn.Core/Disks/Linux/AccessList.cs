using System.Buffers.Binary;

namespace Tarn.Core.Disks.Linux;

/// <summary>What an access control list says of the owner, the group and the others. With a list, the group's bits of a mode are its mask: what the list may grant at most.</summary>
/// <remarks>Stored as version 2: a number of 4 bytes, then entries of 8: tag, permissions (2 bytes each), id (4 bytes), little-endian. Source: linux/posix_acl_xattr.h.</remarks>
internal static class AccessList
{
    private const int Header = 4;
    private const int Entry = 8;
    private const int Owner = 0x01; // ACL_USER_OBJ
    private const int Group = 0x04; // ACL_GROUP_OBJ
    private const int Mask = 0x10; // ACL_MASK
    private const int Other = 0x20; // ACL_OTHER
    private const int All = 7;

    /// <summary>The permissions of owner, group and others of something that has a list: what its group may do.</summary>
    /// <param name="permissions">The bits of its mode.</param>
    /// <param name="list">Its list; empty for none.</param>
    public static int WithoutMask(int permissions, ReadOnlySpan<byte> list) =>
        Find(list, Group) is { } group ? permissions & ~((All & ~group) << 3) : permissions;

    /// <summary>The mode of a directory that is created with all permissions where a list is inherited, but without umask; null when the list is empty.</summary>
    public static int? ModeOf(ReadOnlySpan<byte> list) =>
        Find(list, Owner) is { } owner && Find(list, Group) is { } group && Find(list, Other) is { } other
            ? (owner << 6) | ((Find(list, Mask) ?? group) << 3) | other
            : null;

    private static int? Find(ReadOnlySpan<byte> list, int tag)
    {
        for (int at = Header; at + Entry <= list.Length; at += Entry)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(list[at..]) == tag)
            {
                return BinaryPrimitives.ReadUInt16LittleEndian(list[(at + 2)..]) & All;
            }
        }

        return null;
    }
}

using System.Runtime.InteropServices;

namespace Tarn.Core.Files;

/// <summary>What statx(2) says of a file. The layout is the kernel's, the same on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
public struct FileStat
{
    private const ushort TypeMask = 0xF000;
    private const ushort RegularType = 0x8000;
    private const ushort DirectoryType = 0x4000;
    private const ushort LinkType = 0xA000;

    [FieldOffset(16)]
    private readonly uint _links;

    [FieldOffset(20)]
    private readonly uint _owner;

    [FieldOffset(24)]
    private readonly uint _group;

    [FieldOffset(28)]
    private readonly ushort _mode;

    [FieldOffset(32)]
    private readonly ulong _inode;

    [FieldOffset(40)]
    private readonly ulong _size;

    [FieldOffset(48)]
    private readonly ulong _blocks;

    [FieldOffset(96)]
    private readonly FileTime _changed;

    [FieldOffset(112)]
    private readonly FileTime _modified;

    [FieldOffset(136)]
    private readonly ulong _device;

    [FieldOffset(144)]
    private readonly ulong _mount;

    /// <summary>Whether it is a regular file.</summary>
    public readonly bool IsRegular => (_mode & TypeMask) == RegularType;

    /// <summary>Whether it is a directory.</summary>
    public readonly bool IsDirectory => (_mode & TypeMask) == DirectoryType;

    /// <summary>Whether it is a symbolic link.</summary>
    public readonly bool IsLink => (_mode & TypeMask) == LinkType;

    /// <summary>The permissions: the twelve lowest bits of the mode.</summary>
    public readonly int Permissions => _mode & 0xFFF;

    /// <summary>How many names it has.</summary>
    public readonly uint Links => _links;

    /// <summary>The number of the user that it belongs to.</summary>
    public readonly uint Owner => _owner;

    /// <summary>The number of the group that it belongs to.</summary>
    public readonly uint Group => _group;

    /// <summary>Bytes.</summary>
    public readonly long Size => (long)_size;

    /// <summary>Bytes that have room on the device: of a sparse file, fewer than <see cref="Size"/>. The kernel counts blocks of 512 bytes.</summary>
    public readonly long Allocated => (long)_blocks * 512;

    /// <summary>Which file it is.</summary>
    public readonly FileIdentity Identity => new(_device, _inode);

    /// <summary>
    /// Through which mount it was found: files of one device may be in two mounts, between which no file can be renamed. 0 on kernels before 5.8, and unless it was asked for.
    /// </summary>
    public readonly ulong Mount => _mount;

    /// <summary>When the bytes changed (mtime).</summary>
    public readonly FileTime Modified => _modified;

    /// <summary>When the file or its metadata changed (ctime); no program can set it.</summary>
    public readonly FileTime Changed => _changed;

    /// <summary>Whether nothing about the file changed between two calls.</summary>
    public readonly bool IsSameAs(in FileStat other) =>
        Identity == other.Identity && _size == other._size && _modified == other._modified && _changed == other._changed;

    /// <summary>Whether it is the same file and has become longer.</summary>
    public readonly bool IsLongerThan(in FileStat earlier) => Identity == earlier.Identity && _size > earlier._size;

    /// <summary>
    /// Whether the bytes are still those of an earlier call. A file that is replaced under its name loses a link, which changes its ctime but not
    /// its bytes: a reader that has it open may continue.
    /// </summary>
    public readonly bool HasBytesOf(in FileStat earlier) =>
        Identity == earlier.Identity && _size == earlier._size && _modified == earlier._modified
        && (_changed == earlier._changed || _links != earlier._links);
}

/// <summary>Which file it is, whatever it is called.</summary>
/// <param name="Device">The file system's device.</param>
/// <param name="Inode">The file's number in the file system.</param>
public readonly record struct FileIdentity(ulong Device, ulong Inode);

/// <summary>A time of a file: seconds since 1970 and nanoseconds.</summary>
/// <param name="Seconds">Since 1970; negative before.</param>
/// <param name="Nanoseconds">After that second, below 10⁹.</param>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public readonly record struct FileTime(long Seconds, uint Nanoseconds)
{
    private const long FirstSecond = -62_135_596_800; // 0001-01-01
    private const long LastSecond = 253_402_300_799; // 9999-12-31T23:59:59

    /// <summary>Truncates to the second, as headers need; a time outside the calendar becomes the nearest one in it.</summary>
    public DateTimeOffset ToWholeSeconds() => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(Seconds, FirstSecond, LastSecond));

    /// <summary>The time to 100 ns; a time outside the calendar becomes the nearest second in it.</summary>
    public DateTimeOffset ToTime() => Seconds is < FirstSecond or > LastSecond ? ToWholeSeconds() : ToWholeSeconds().AddTicks(Nanoseconds / 100);

    /// <summary>One number that differs for different times within 584 years.</summary>
    public long ToNumber() => unchecked((Seconds * 1_000_000_000) + Nanoseconds);

    /// <summary>How long ago it was; negative when it is in the future.</summary>
    public TimeSpan Age(DateTimeOffset now) => now - ToWholeSeconds() - TimeSpan.FromTicks(Nanoseconds / 100);
}

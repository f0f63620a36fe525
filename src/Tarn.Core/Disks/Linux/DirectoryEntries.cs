using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Disks.Linux;

/// <summary>The type of a directory entry as getdents64 returns it; file systems need not supply it (readdir(3), d_type).</summary>
internal enum EntryType : byte
{
    Unknown = 0,
    Directory = 4,
    Regular = 8,
    Link = 10,
}

/// <summary>Reads a directory's entries in the file system's order, without <c>.</c> and <c>..</c>.</summary>
internal ref struct DirectoryEntries
{
    private const int UsualBuffer = 256 * 1024;
    private const int NameOffset = 19; // of struct linux_dirent64: inode 8, offset 8, record length 2, type 1

    private readonly SafeFileHandle _directory;
    private readonly byte[] _buffer;
    private int _position;
    private int _length;

    /// <param name="directory">Open, and at its beginning.</param>
    /// <param name="buffer">Bytes asked of the kernel at a time.</param>
    public DirectoryEntries(SafeFileHandle directory, int buffer = UsualBuffer)
    {
        _directory = directory;
        _buffer = ArrayPool<byte>.Shared.Rent(buffer);
    }

    /// <summary>The current entry's name: without a terminating zero, valid until the next step.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    public EntryType Type { get; private set; }

    /// <summary>Whether the next step asks the kernel: another reader of the same open directory goes on there.</summary>
    public readonly bool IsAtEndOfBuffer => _position == _length;

    /// <summary>Steps to the next entry; false at the end.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public bool Next()
    {
        while (true)
        {
            if (_position == _length)
            {
                int error = LinuxFiles.ReadEntries(_directory, _buffer, out _length);
                _position = 0;

                // A directory that was removed while it is open has no more entries; the kernel reports ENOENT.
                if (error == Errno.NotFound || (error == Errno.None && _length == 0))
                {
                    _length = 0;
                    return false;
                }

                if (error != Errno.None)
                {
                    throw LinuxFiles.Failed("getdents64", error);
                }
            }

            ReadOnlySpan<byte> record = _buffer.AsSpan(_position, _length - _position);
            int size = BinaryPrimitives.ReadUInt16LittleEndian(record[16..]);
            _position += size;
            ReadOnlySpan<byte> name = record[NameOffset..size];
            Name = name[..name.IndexOf((byte)0)];
            Type = (EntryType)record[18];
            if (!Name.SequenceEqual("."u8) && !Name.SequenceEqual(".."u8))
            {
                return true;
            }
        }
    }

    public readonly void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);
}

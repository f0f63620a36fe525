using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Records;

namespace Tarn.Core.Disks.Writing;

/// <summary>What is recorded of a resumable upload, in a file beside its bytes: it survives restarts, and goes where the disk's file system goes.</summary>
internal sealed record UploadNote
{
    /// <summary>What the name of the file ends with, after the upload's id.</summary>
    public const string Suffix = ".note";

    private const byte Marker = 1;
    private const string NewSuffix = ".new";
    private const int MaxSize = 64 * 1024;

    /// <summary>The path of the file, as bytes.</summary>
    public required byte[] Path { get; init; }

    /// <summary>Whether the file replaces one that is there.</summary>
    public bool Replaces { get; init; }

    /// <summary>How long it will be, in bytes; null: not known.</summary>
    public long? Length { get; init; }

    /// <summary>What the client noted, to recognize the upload; null: nothing.</summary>
    public string? Label { get; init; }

    /// <summary>Unix milliseconds, whole seconds.</summary>
    public required long Created { get; init; }

    /// <summary>How many bytes are durable. The file may be longer: what comes after them is sent again.</summary>
    public long Offset { get; init; }

    /// <summary>The number of the file in its file system, by which it is recognized under its path; 0: not recorded.</summary>
    public ulong Inode { get; init; }

    public byte[] Encode() => new RecordWriter(Marker)
        .Bytes(1, Path)
        .Number(2, Replaces ? 1UL : 0UL)
        .Number(3, Length is { } length ? (ulong)length + 1 : 0UL)
        .Text(4, Label)
        .Number(5, Created)
        .Number(6, Offset)
        .Number(7, Inode)
        .ToArray();

    public static UploadNote Decode(ReadOnlySpan<byte> bytes)
    {
        byte[] path = [];
        bool replaces = false;
        long? length = null;
        string? label = null;
        long created = 0, offset = 0;
        ulong inode = 0;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: path = reader.Bytes.ToArray(); break;
                case 2: replaces = reader.Number != 0; break;
                case 3: length = (long)(reader.Number - 1); break;
                case 4: label = reader.Text; break;
                case 5: created = reader.Signed; break;
                case 6: offset = reader.Signed; break;
                case 7: inode = reader.Number; break;
            }
        }

        return new UploadNote { Path = path, Replaces = replaces, Length = length, Label = label, Created = created, Offset = offset, Inode = inode };
    }

    /// <summary>Reads an upload's note; null when there is none, or it is damaged: such an upload cannot go on, and is removed like an abandoned one.</summary>
    public static UploadNote? Read(Staging staging, string upload)
    {
        int error = LinuxFiles.OpenNamed(staging.Directory, Staging.Terminated(upload + Suffix), out SafeFileHandle? file);
        if (error == Errno.NotFound)
        {
            return null;
        }

        LinuxFiles.ThrowIfFailed("openat", error);
        using (file)
        {
            byte[] bytes = new byte[MaxSize];
            int read = RandomAccess.Read(file!, bytes, 0);
            try
            {
                return Decode(bytes.AsSpan(0, read));
            }
            catch (RecordFormatException)
            {
                return null;
            }
        }
    }

    /// <summary>Removes an upload's note, also one that was not written to its end.</summary>
    public static void Remove(Staging staging, string upload)
    {
        staging.Remove(upload + Suffix);
        staging.Remove(upload + NewSuffix);
    }

    /// <summary>Records the note in place of the one there is, durably.</summary>
    public void Write(Staging staging, string upload, DiskFilePath path)
    {
        string temporary = upload + NewSuffix;
        staging.Remove(temporary);
        int error = LinuxFiles.MakeFile(staging.Directory, Staging.Terminated(temporary), out SafeFileHandle? file);
        ChangeErrors.ThrowIfFailed("openat", error, path);
        using (file)
        {
            ChangeErrors.Guard(path.Text, () => RandomAccess.Write(file!, Encode(), 0));
            ChangeErrors.ThrowIfFailed("fsync", LinuxFiles.SyncFileBytes(file!), path);
        }

        error = LinuxFiles.Rename(staging.Directory, Staging.Terminated(temporary), staging.Directory, Staging.Terminated(upload + Suffix), replaces: true);
        ChangeErrors.ThrowIfFailed("renameat2", error, path);
        Parents.Sync(staging.Directory);
    }
}

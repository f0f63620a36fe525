using Tarn.Backends.Files;
using Tarn.Core.Files;

namespace Tarn.Server.Backups;

/// <summary>Finds out whether directories are on one file system, and what it can do.</summary>
internal static class SameDevice
{
    /// <summary>Whether two directories share the room of one file system: also by two mounts, or two subvolumes.</summary>
    public static bool Shares(string one, string other) =>
        (FileSystemSpace.Of(one).Id is not 0 and var id && id == FileSystemSpace.Of(other).Id) || Are(one, other) || CanClone(one, other);

    /// <summary>Whether a file of one directory can have a second name in the other.</summary>
    public static bool Are(string one, string other)
    {
        using var probe = Probe.Create(one);
        string link = Path.Combine(other, Path.GetRandomFileName());
        try
        {
            return FileSharing.TryLink(probe.File.SafeFileHandle, link);
        }
        finally
        {
            File.Delete(link);
        }
    }

    /// <summary>Whether a file in the other directory can share the bytes of one in the first (reflink).</summary>
    public static bool CanClone(string from, string to)
    {
        using var source = Probe.Create(from);
        using var copy = Probe.Create(to);
        return FileSharing.TryClone(source.File.SafeFileHandle, copy.File.SafeFileHandle);
    }

    private sealed class Probe(FileStream file) : IDisposable
    {
        public FileStream File => file;

        public static Probe Create(string directory)
        {
            var file = new FileStream(Path.Combine(directory, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 0);
            file.WriteByte(1);
            return new Probe(file);
        }

        public void Dispose()
        {
            file.Dispose();
            System.IO.File.Delete(file.Name);
        }
    }
}

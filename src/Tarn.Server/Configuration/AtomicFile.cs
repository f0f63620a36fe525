using Tarn.Core.Blobs;

namespace Tarn.Server.Configuration;

/// <summary>Writes small files so that a crash leaves either the old content or the new, never half of it.</summary>
internal static class AtomicFile
{
    /// <summary>Replaces the file, readable by its owner only.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        FileSync.Directory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}

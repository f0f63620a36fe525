using Tarn.Core.Files;

namespace Tarn.Server.Storage;

/// <summary>Writes small files atomically: a crash leaves either the old content or the new.</summary>
internal static class AtomicFile
{
    /// <summary>Replaces the file, readable by its owner only.</summary>
    /// <exception cref="IOException">The file cannot be written durably; the old content remains.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".new";
        try
        {
            WriteDurably(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }

        FileSync.Directory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private static void WriteDurably(string path, ReadOnlySpan<byte> content)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var stream = new FileStream(path, options);
        stream.Write(content);
        FileSync.File(stream.SafeFileHandle, path);
        FileSync.Close(stream.SafeFileHandle, path);
    }
}

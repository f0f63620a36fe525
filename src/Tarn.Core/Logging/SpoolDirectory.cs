using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Core.Logging;

/// <summary>The files of a spool in a directory of the file system, which the first one creates.</summary>
/// <param name="path">The directory.</param>
/// <param name="throwIfShort">Throws an <see cref="IOException"/> if so many more bytes would use what is reserved on its disk.</param>
public sealed class SpoolDirectory(string path, Action<long> throwIfShort) : ISpoolFiles
{
    /// <summary>What the name of a file ends with until its content is durable.</summary>
    internal const string Unfinished = ".tmp";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, long Length)> List() => Directory.Exists(path)
        ? [.. new DirectoryInfo(path).EnumerateFiles().Select(static file => (file.Name, file.Length))]
        : [];

    /// <inheritdoc/>
    public ISpoolFile Create(string name)
    {
        throwIfShort(0);
        DurableDirectory.Create(path, OwnerOnly);
        string at = Path.Combine(path, name);
        var file = new Appended(at, throwIfShort);
        try
        {
            FileSync.Directory(path);
            return file;
        }
        catch (IOException)
        {
            file.Dispose();
            File.Delete(at);
            throw;
        }
    }

    /// <inheritdoc/>
    public byte[]? Read(string name)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(path, name));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public bool Rename(string from, string to)
    {
        try
        {
            File.Move(Path.Combine(path, from), Path.Combine(path, to));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            if (!File.Exists(Path.Combine(path, to)))
            {
                return false;
            }
        }

        FileSync.Directory(path);
        return true;
    }

    /// <inheritdoc/>
    public void Replace(string name, ReadOnlySpan<byte> content)
    {
        string at = Path.Combine(path, name);
        try
        {
            File.Delete(at + Unfinished);

            // It takes the place of a longer one, so the reserve is not asked.
            using (var file = new Appended(at + Unfinished, static _ => { }))
            {
                file.Append(content);
                file.Sync();
            }

            File.Move(at + Unfinished, at, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(at + Unfinished);
            throw;
        }

        FileSync.Directory(path);
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        File.Delete(Path.Combine(path, name));
        FileSync.Directory(path);
    }

    private sealed class Appended : ISpoolFile
    {
        private readonly string _path;
        private readonly Action<long> _throwIfShort;
        private readonly SafeFileHandle _file;
        private long _length;

        public Appended(string path, Action<long> throwIfShort)
        {
            _path = path;
            _throwIfShort = throwIfShort;
            _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }

        public long Length => RandomAccess.GetLength(_file);

        public void Append(ReadOnlySpan<byte> bytes)
        {
            _throwIfShort(bytes.Length);
            RandomAccess.Write(_file, bytes, _length);
            _length += bytes.Length;
        }

        public void Sync() => FileSync.File(_file, _path);

        public void Dispose() => _file.Dispose();
    }
}

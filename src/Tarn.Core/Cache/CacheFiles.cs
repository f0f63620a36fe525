using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Core.Cache;

/// <summary>Files of slabs on a real file system, readable by their owner alone.</summary>
internal sealed class CacheFiles : ICacheFiles
{
    public ICacheFile Open(string path, long length)
    {
        FileStream stream = OpenStream(path, FileMode.Open);
        try
        {
            if (stream.Length != length)
            {
                Allocate(stream, path, length);
            }

            return new CacheFile(stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public ICacheFile Create(string path, long length)
    {
        FileStream stream = OpenStream(path, FileMode.CreateNew);
        try
        {
            Allocate(stream, path, length);
            return new CacheFile(stream);
        }
        catch
        {
            stream.Dispose();
            File.Delete(path);
            throw;
        }
    }

    public void Delete(string path) => File.Delete(path);

    private static FileStream OpenStream(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (mode == FileMode.CreateNew && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private static void Allocate(FileStream stream, string path, long length)
    {
        stream.SetLength(length);
        int error = FileSync.Allocate(stream.SafeFileHandle, length);

        // Where the file system cannot promise room, a full device comes to light in a write.
        if (error is not (0 or FileSync.NotSupported))
        {
            throw FailedCall.Of("fallocate", path, error);
        }
    }

    private sealed class CacheFile : ICacheFile
    {
        private readonly FileStream _stream;
        private readonly SafeFileHandle _file;

        public CacheFile(FileStream stream)
        {
            _stream = stream;
            _file = stream.SafeFileHandle;

            // What the kernel read ahead would be in memory without having been verified.
            PageCache.ReadNotAhead(_file);
        }

        public int ReadCached(long offset, Span<byte> buffer) => PageCache.Read(_file, offset, buffer);

        public int Read(long offset, Span<byte> buffer) => RandomAccess.Read(_file, buffer, offset);

        public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_file, bytes, offset);

        public void StartWritingBack(long offset, long length) => FileSync.StartWritingBack(_file, offset, length);

        public void Sync() => FileSync.File(_file, _stream.Name);

        public void Dispose() => _stream.Dispose();
    }
}

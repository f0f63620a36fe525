using Tarn.Core.Cache;

namespace Tarn.Tests.Cache;

/// <summary>Kinds of calls on files of a cache.</summary>
[Flags]
internal enum FileCall
{
    Create = 1,
    Open = 2,
    Read = 4,
    ReadCached = 8,
    Write = 16,
    Sync = 32,
}

/// <summary>Real files, whose calls a test counts, fails, holds up or cuts off.</summary>
internal sealed class TestFiles : ICacheFiles
{
    private readonly CacheFiles _files = new();

    /// <summary>Called before each call, with its kind, offset and length.</summary>
    public Action<FileCall, long, int>? Before { get; set; }

    /// <summary>Whether nothing is ever in memory.</summary>
    public bool HasNoMemory { get; set; }

    /// <summary>After so many writes the process is as if it had been killed: it writes no more, of the last one half.</summary>
    public int? WritesLeft { get; set; }

    /// <summary>Writes so far.</summary>
    public int Writes { get; private set; }

    public ICacheFile Open(string path, long length)
    {
        Before?.Invoke(FileCall.Open, 0, 0);
        return new TestFile(this, _files.Open(path, length));
    }

    public ICacheFile Create(string path, long length)
    {
        Before?.Invoke(FileCall.Create, 0, 0);
        return new TestFile(this, _files.Create(path, length));
    }

    public void Delete(string path) => _files.Delete(path);

    private sealed class TestFile(TestFiles files, ICacheFile inner) : ICacheFile
    {
        public int ReadCached(long offset, Span<byte> buffer)
        {
            files.Before?.Invoke(FileCall.ReadCached, offset, buffer.Length);
            return files.HasNoMemory ? 0 : inner.ReadCached(offset, buffer);
        }

        public int Read(long offset, Span<byte> buffer)
        {
            files.Before?.Invoke(FileCall.Read, offset, buffer.Length);
            return inner.Read(offset, buffer);
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            files.Before?.Invoke(FileCall.Write, offset, bytes.Length);
            files.Writes++;
            if (files.WritesLeft is { } left)
            {
                files.WritesLeft = left - 1;
                bytes = left > 0 ? bytes : left == 0 ? bytes[..(bytes.Length / 2)] : default;
            }

            inner.Write(offset, bytes);
        }

        public void StartWritingBack(long offset, long length) => inner.StartWritingBack(offset, length);

        // No test cuts the power, and some clear so often that a device that syncs slowly would have no time left to write frames.
        public void Sync() => files.Before?.Invoke(FileCall.Sync, 0, 0);

        public void Dispose() => inner.Dispose();
    }
}

using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;
using Tarn.Core.Objects.Reading;

namespace Tarn.S3.Sharing;

/// <summary>Content that counts the bytes read from it, even when the client disconnects halfway.</summary>
internal sealed class CountedContent(IObjectContent inner) : IObjectContent
{
    public long Length => inner.Length;

    /// <summary>Bytes read so far.</summary>
    public long Count { get; private set; }

    public async ValueTask<ContentRun> RunAsync(long offset, long length, CancellationToken cancellationToken)
    {
        ContentRun run = await inner.RunAsync(offset, length, cancellationToken);
        if (run.Blob is { } blob)
        {
            return run with { Blob = new Reader(this, blob) };
        }

        Count += run.Length;
        return run;
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    /// <summary>Never offers a file: bytes sent without this reader would not be counted.</summary>
    private sealed class Reader(CountedContent content, IBlobReader inner) : IBlobReader
    {
        public long Length => inner.Length;

        public bool IsBare => inner.IsBare;

        public SafeFileHandle? FileHandle => null;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            int read = await inner.ReadAsync(offset, buffer, cancellationToken);
            content.Count += read;
            return read;
        }

        public int TryReadCached(long offset, Span<byte> buffer)
        {
            int read = inner.TryReadCached(offset, buffer);
            content.Count += read;
            return read;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

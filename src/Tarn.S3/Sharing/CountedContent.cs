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
        if (run.Source is { } source)
        {
            return run with { Source = new Reader(this, source) };
        }

        Count += run.Length;
        return run;
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Reader(CountedContent content, IByteSource inner) : IByteSource
    {
        public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            int read = await inner.ReadAsync(offset, buffer, cancellationToken);
            content.Count += read;
            return read;
        }
    }
}

using Tarn.Core.Blobs.Layout;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Reading;

/// <summary>The content of an inline object.</summary>
internal sealed class MemoryContent(ReadOnlyMemory<byte> bytes) : IObjectContent
{
    public long Length => bytes.Length;

    public ValueTask<ContentRun> RunAsync(long offset, long length, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ContentRun(bytes.Slice((int)offset, (int)length), null, 0, length));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>The content of an object in runs of blobs, of which one is open at a time.</summary>
internal sealed class ExtentContent(CheckedBlobs blobs, IReadOnlyList<Extent> extents, long length, IDamageSink sink, bool always) : IObjectContent
{
    private CheckedBlob? _open;
    private Extent _opened;

    public long Length => length;

    /// <summary>Opens the first blob; false when there is none.</summary>
    /// <exception cref="DamagedDataException">It is damaged.</exception>
    public async ValueTask<bool> TryOpenAsync(CancellationToken cancellationToken)
    {
        if (extents.Count == 0)
        {
            return true;
        }

        _opened = extents[0];
        _open = await OpenAsync(_opened, cancellationToken);
        return _open is not null;
    }

    public async ValueTask<ContentRun> RunAsync(long offset, long length, CancellationToken cancellationToken)
    {
        foreach (Extent extent in extents)
        {
            if (offset >= extent.Length)
            {
                offset -= extent.Length;
                continue;
            }

            CheckedBlob blob = await BlobAsync(extent, cancellationToken);
            return new ContentRun(default, blob, extent.Offset + offset, Math.Min(length, extent.Length - offset));
        }

        throw new IOException("An object is longer than the data it refers to.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_open is not null)
        {
            await _open.DisposeAsync();
            _open = null;
        }
    }

    private async ValueTask<CheckedBlob> BlobAsync(Extent extent, CancellationToken cancellationToken)
    {
        if (_open is not null && _opened == extent)
        {
            return _open;
        }

        await DisposeAsync();
        _opened = extent;
        _open = await OpenAsync(extent, cancellationToken) ?? throw await sink.ReportAsync(CheckedBlobs.Missing(extent.Blob));
        return _open;
    }

    private ValueTask<CheckedBlob?> OpenAsync(in Extent extent, CancellationToken cancellationToken) =>
        blobs.OpenAsync(extent.Blob, extent.End, extent.Stored, sink, always, cancellationToken);
}

/// <summary>The content of a multipart object; reads one row of its manifest at a time.</summary>
internal sealed class ManifestContent(
    CheckedBlobs blobs, Func<int, ValueTask<List<PartRecord>>> chunkAsync, IReadOnlyList<long> chunkStarts, long length, IDamageSink sink, bool always) : IObjectContent
{
    private ExtentContent? _chunk;
    private int _chunkIndex = -1;

    public long Length => length;

    public async ValueTask<ContentRun> RunAsync(long offset, long length, CancellationToken cancellationToken)
    {
        int index = chunkStarts.Count - 1;
        while (index > 0 && chunkStarts[index] > offset)
        {
            index--;
        }

        if (index != _chunkIndex)
        {
            await DisposeAsync();
            List<PartRecord> parts = await chunkAsync(index);
            _chunk = new ExtentContent(blobs, parts.SelectMany(p => p.Extents).ToList(), parts.Sum(p => p.Size), sink, always);
            _chunkIndex = index;
        }

        long inChunk = offset - chunkStarts[index];
        return await _chunk!.RunAsync(inChunk, Math.Min(length, _chunk.Length - inChunk), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_chunk is not null)
        {
            await _chunk.DisposeAsync();
        }
    }
}

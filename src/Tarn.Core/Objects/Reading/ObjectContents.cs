using Tarn.Core.Blobs;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Reading;

/// <summary>The content of an inline object.</summary>
internal sealed class MemoryContent(byte[] bytes) : IObjectContent
{
    public long Length => bytes.Length;

    public ValueTask<ContentRun> RunAsync(long offset, long length, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ContentRun(bytes.AsMemory((int)offset, (int)length), null, 0, length));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>The content of an object in runs of blobs, of which one is open at a time.</summary>
internal sealed class ExtentContent(IBlobStore blobs, IReadOnlyList<Extent> extents, long length) : IObjectContent
{
    private IBlobReader? _open;
    private BlobId _openId;

    public long Length => length;

    /// <summary>Opens the first blob; false when it is gone because the object was replaced and its grace period is over.</summary>
    public async ValueTask<bool> TryOpenAsync(CancellationToken cancellationToken)
    {
        if (extents.Count == 0)
        {
            return true;
        }

        _openId = extents[0].Blob;
        _open = await blobs.OpenAsync(_openId, cancellationToken);
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

            IBlobReader reader = await ReaderAsync(extent.Blob, cancellationToken);
            return new ContentRun(default, reader, extent.Offset + offset, Math.Min(length, extent.Length - offset));
        }

        throw new IOException("An object is longer than the data it refers to.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_open is not null)
        {
            await _open.DisposeAsync();
        }
    }

    private async ValueTask<IBlobReader> ReaderAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (_open is not null && _openId == id)
        {
            return _open;
        }

        await DisposeAsync();
        _openId = id;
        _open = await blobs.OpenAsync(id, cancellationToken) ?? throw BlobReadErrors.Found($"Blob {id} is missing.");
        return _open;
    }
}

/// <summary>The content of a multipart object; reads one row of its manifest at a time.</summary>
internal sealed class ManifestContent(
    IBlobStore blobs, Func<int, ValueTask<List<PartRecord>>> chunkAsync, IReadOnlyList<long> chunkStarts, long length) : IObjectContent
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
            _chunk = new ExtentContent(blobs, parts.SelectMany(p => p.Extents).ToList(), parts.Sum(p => p.Size));
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

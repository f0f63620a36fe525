using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Reading;

namespace Tarn.Core.Acceleration;

/// <summary>Opens blobs for accelerators. Every byte is compared with its checksum, whatever the mode of reads: the block's checksum would make damage look sound.</summary>
public sealed class BlockSource
{
    private readonly CheckedBlobs _blobs;
    private readonly DamageList _damage;

    internal BlockSource(CheckedBlobs blobs, DamageList damage)
    {
        _blobs = blobs;
        _damage = damage;
    }

    /// <summary>Which objects were planned.</summary>
    internal PlannedObjects Planned { get; } = new();

    /// <summary>Opens a blob; null when it is gone.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="end">The byte after the last one that is read.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="DamagedDataException">It is damaged, or missing although an object has it.</exception>
    public async ValueTask<OpenBlocks?> OpenAsync(BlobId id, long end, CancellationToken cancellationToken)
    {
        StoredObject? found = Planned.Find(id);
        IDamageSink sink = found is null ? QuietDamageSink.Instance : new ObjectDamage(_damage, found);
        if (await _blobs.OpenAsync(id, end, stored: 0, sink, always: true, cancellationToken) is { } blob)
        {
            return new OpenBlocks(blob);
        }

        // If the object was replaced, its blob may be gone; if it was not, the blob is lost.
        return found is not null && await sink.ReportAsync(CheckedBlobs.Missing(id)) is DamagedDataException lost ? throw lost : null;
    }
}

/// <summary>A blob that is open for an accelerator. For one reader at a time.</summary>
public sealed class OpenBlocks : IAsyncDisposable
{
    private readonly CheckedBlob _blob;

    internal OpenBlocks(CheckedBlob blob) => _blob = blob;

    /// <summary>Reads one block.</summary>
    /// <param name="offset">Its first byte in the blob.</param>
    /// <param name="block">Takes its bytes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Its CRC64NVME.</returns>
    /// <exception cref="DamagedDataException">The bytes are not what was stored.</exception>
    public async ValueTask<ulong> ReadAsync(long offset, Memory<byte> block, CancellationToken cancellationToken)
    {
        for (int filled = 0; filled < block.Length;)
        {
            int read = await _blob.ReadAsync(offset + filled, block[filled..], cancellationToken);
            filled += read > 0 ? read : throw new IOException("A blob is shorter than the run that an object has of it.");
        }

        return Crc.Crc64Nvme.Of(block.Span);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _blob.DisposeAsync();
}

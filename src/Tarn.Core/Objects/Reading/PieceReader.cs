using System.Buffers;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Reading;

/// <summary>Reads runs of blobs to make digests of them, and keeps the list of damage right about what is compared as a whole.</summary>
internal sealed class PieceReader(CheckedBlobs blobs, DamageList damage)
{
    private const int BufferSize = 256 * 1024;

    /// <summary>How often damage was met until now: asked before the first byte of a piece is read.</summary>
    public long Met => damage.Met;

    /// <summary>Whether any of the runs has no checksums.</summary>
    public async ValueTask<bool> IsBareAsync(IReadOnlyList<Extent> extents, CancellationToken cancellationToken)
    {
        foreach (Extent extent in extents)
        {
            if (extent.Stored == 0 && await blobs.IsBareAsync(extent.Blob, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads runs of blobs.</summary>
    /// <param name="source">Whose they are.</param>
    /// <param name="extents">The runs.</param>
    /// <param name="canBeBare">Whether the caller compares what has no checksums.</param>
    /// <param name="again">Whether they are read around the page cache, since they were not right.</param>
    /// <param name="take">Is given the bytes in their order, and returns false to end the read.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>False when the object was replaced and the bytes are gone.</returns>
    /// <exception cref="DamagedDataException">Bytes do not match their checksums, or are not there.</exception>
    public async ValueTask<bool> ReadAsync(
        StoredObject source, IEnumerable<Extent> extents, bool canBeBare, bool again, Func<ReadOnlySpan<byte>, bool> take, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            foreach (Extent extent in extents)
            {
                await using CheckedBlob? blob = await OpenAsync(source, extent, cancellationToken);
                if (blob is null)
                {
                    return false;
                }

                if (!blob.IsVerified && !canBeBare)
                {
                    throw Unknown(extent);
                }

                if (again)
                {
                    blob.DropCached(extent.Offset, extent.Length);
                }

                for (long offset = extent.Offset; offset < extent.End;)
                {
                    // What is in memory is read without asking.
                    cancellationToken.ThrowIfCancellationRequested();
                    int count = await blob.ReadAsync(offset, buffer.AsMemory(0, (int)Math.Min(BufferSize, extent.End - offset)), cancellationToken);
                    if (count == 0)
                    {
                        throw new IOException("An object is longer than the data it refers to.");
                    }

                    offset += count;
                    if (!take(buffer.AsSpan(0, count)))
                    {
                        return true;
                    }
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Takes bytes of an object off the list of damage that were found to be right together: of bare data nothing else can tell.</summary>
    /// <param name="source">Whose they are.</param>
    /// <param name="extents">Where they are.</param>
    /// <param name="start">Where in the object they begin.</param>
    /// <param name="before"><see cref="Met"/> before the first of them was read.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask SoundAsync(StoredObject source, IReadOnlyList<Extent> extents, long start, long before, CancellationToken cancellationToken)
    {
        if (damage.Count == 0)
        {
            return;
        }

        foreach (Extent extent in extents)
        {
            if (damage.Find(extent.Blob.Value) is not null)
            {
                // What is damaged to the end of a blob is right when its last byte is.
                await using CheckedBlob? blob = await OpenAsync(source, extent, cancellationToken);
                long end = blob?.PayloadLength == extent.End ? long.MaxValue : extent.End;
                await damage.VerifiedAsync(extent.Blob.Value, extent.Offset, end, before);
            }
        }

        if (source.Record.Data is ObjectData.Manifest manifest)
        {
            long end = start + extents.Sum(static extent => extent.Length);
            await damage.VerifiedAsync(manifest.Id, start, end == source.Size ? long.MaxValue : end, before);
        }
    }

    /// <summary>Reports that bytes of an object are not right together.</summary>
    /// <returns>The exception with which the read fails.</returns>
    public async ValueTask<Exception> DamagedAsync(StoredObject source, IReadOnlyList<Extent> extents, long start)
    {
        // Of several runs, which is damaged is not known: others may hold those that are not.
        if (extents.Count > 1 && source.Record.Data is ObjectData.Manifest manifest)
        {
            return await ReportAsync(source, manifest.Id, start, extents.Sum(static extent => extent.Length));
        }

        foreach (Extent extent in extents.Skip(1))
        {
            await ReportAsync(source, extent.Blob.Value, extent.Offset, extent.Length);
        }

        return await ReportAsync(source, extents[0].Blob.Value, extents[0].Offset, extents[0].Length);
    }

    /// <summary>The failure of a read of data that nothing can be compared with.</summary>
    public static IOException Unknown(Extent extent) =>
        new($"No record knows a digest of the data of blob {extent.Blob}, which has no checksums: no new one can be made of it.");

    private ValueTask<Exception> ReportAsync(StoredObject source, Id128 data, long offset, long length) => new ObjectDamage(damage, source).ReportAsync(
        new DamagedDataException(DamageKind.Checksum, data, $"The data {data} does not match the checksum in the record of the object or part.") { Offset = offset, Length = length });

    private async ValueTask<CheckedBlob?> OpenAsync(StoredObject source, Extent extent, CancellationToken cancellationToken)
    {
        if (await blobs.OpenAsync(extent.Blob, extent.End, extent.Stored, new ObjectDamage(damage, source), always: true, cancellationToken) is { } blob)
        {
            return blob;
        }

        var report = new DamageReport(damage, DataHolder.Of(source));
        return await report.IsReplacedAsync() ? null : throw await report.ReportAsync(CheckedBlobs.Missing(extent.Blob));
    }
}

using Tarn.Core.Blobs;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Objects.Writing;

/// <summary>
/// Received bytes that nothing refers to yet. Disposed before it is <see cref="Keep">kept</see>, it leaves only what the reclaim
/// worker removes.
/// </summary>
internal sealed class StagedData(BlobAnnouncements announcements) : IAsyncDisposable
{
    private bool _mayExist;
    private bool _tried;
    private bool _kept;
    private PendingBlob? _spare;

    /// <summary>Bytes.</summary>
    public long Size { get; private set; }

    public byte[] Md5 { get; private set; } = [];

    public byte[] Checksum { get; private set; } = [];

    /// <summary>The row of a small upload and its value: the bytes and their checksum; null when they are a blob or there are none.</summary>
    public (Id128 Row, byte[] Value)? Inline { get; set; }

    /// <summary>Bytes of the blob as the blob store has it.</summary>
    public long Stored { get; set; }

    public PendingBlob? Pending { get; set; }

    public IBlobWriter? Writer { get; set; }

    public void Finish(long size, StreamHasher md5, byte[] checksum)
    {
        Size = size;
        Md5 = new byte[md5.HashSize];
        md5.Finish(Md5);
        Checksum = checksum;
    }

    public async ValueTask MakeDurableAsync(CancellationToken cancellationToken)
    {
        if (Writer is null)
        {
            return;
        }

        _mayExist = true;
        using StageTimer timer = RequestTimes.Measure(RequestStage.Blob, "blob commit");
        await Writer.CommitAsync(cancellationToken);
    }

    /// <summary>Makes the batch give the data to an object, and returns where the data is.</summary>
    /// <param name="batch">The batch that writes the row that refers to the data.</param>
    /// <param name="cancellationToken">Cancels the read of the announcement.</param>
    public async ValueTask<ObjectData> AttachAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        if (Inline is var (row, value))
        {
            batch.Put(Tables.InlineDataKey(row), value);
            return new ObjectData.Inline(row, IsSealed: true);
        }

        IReadOnlyList<Extent> extents = await AttachExtentsAsync(batch, cancellationToken);
        return extents.Count == 0 ? ObjectData.Empty.Instance : new ObjectData.Extents(extents);
    }

    /// <summary>Makes the batch give the data to a part, whose bytes are never inline, and returns where the data is.</summary>
    public async ValueTask<IReadOnlyList<Extent>> AttachExtentsAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        if (Pending is null)
        {
            return [];
        }

        if (_tried)
        {
            await announcements.ThrowIfLapsedAsync(Pending, cancellationToken);
        }

        _tried = true;
        _spare = announcements.Adopt(batch, Pending);
        return [new Extent(Pending.Id, 0, 0, Size, Stored)];
    }

    /// <summary>Keeps the data; called once the commit succeeded and the data has a holder.</summary>
    public void Keep()
    {
        _kept = true;
        if (_spare is not null)
        {
            announcements.Keep(_spare);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Writer is not null)
            {
                await Writer.DisposeAsync();
            }
        }
        finally
        {
            // Done even if the writer's file could not be removed: the next start removes it.
            if (!_kept && Pending is not null)
            {
                await announcements.WithdrawAsync(Pending, _mayExist);
            }
        }
    }
}

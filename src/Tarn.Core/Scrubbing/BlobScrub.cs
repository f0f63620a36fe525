using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>Reads blobs that rows refer to from end to end, from the device, and seals those of older builds that are what their records know.</summary>
internal sealed class BlobScrub(
    IKeyValueStore store, IBlobStore blobs, OrphanShelf shelf, CheckedBlobs checkedBlobs, DamageList damage, ScrubProgress progress, ScrubPace pace, ScrubOptions options, TimeProvider clock)
{
    private const int BufferSize = 1 << 20;

    /// <summary>How often a blob that cannot be read is read before that counts as a failure.</summary>
    private const int Attempts = 3;

    /// <summary>After so many damaged runs of a blob the rest is not read.</summary>
    private const int MaxDamage = 16;

    /// <summary>So many blobs that several objects share are remembered, so that they are read once; others are read for each of them.</summary>
    private const int MaxSeen = 200_000;

    private readonly Dictionary<BlobId, FoundDamage> _seen = [];

    /// <summary>Verifies the blob that a holder has a run of. Damage is on the list when this returns.</summary>
    public async ValueTask VerifyAsync(HeldData held, CancellationToken cancellationToken)
    {
        BlobId id = held.Extent.Blob;
        bool isShared = held.IsShared || held.Extent.Reference != 0 || await HasReferenceAsync(id.Value, cancellationToken);
        if (isShared && _seen.TryGetValue(id, out FoundDamage? seen))
        {
            await seen.TellAsync(held.Holder, held.Extent);
            return;
        }

        var found = new FoundDamage(damage);
        bool isRead = await TryReadAsync(held, found, cancellationToken);
        if (await found.TellAsync(held.Holder, held.Extent))
        {
            progress.Count(static counts => counts with { Damaged = counts.Damaged + 1 });
        }

        if (isRead && isShared && _seen.Count < MaxSeen)
        {
            _seen[id] = found;
        }
    }

    /// <summary>Whether any object or part shares a blob or a manifest.</summary>
    public async ValueTask<bool> HasReferenceAsync(Id128 data, CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.BlobReferencePrefix(data);
        return (await store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), 1, reverse: false, cancellationToken)).Count > 0;
    }

    /// <summary>Reads a blob, several times if need be; false when it could not be read or compared with anything.</summary>
    private async ValueTask<bool> TryReadAsync(HeldData held, FoundDamage found, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadAsync(held, found, cancellationToken);
            }
            catch (DamagedDataException)
            {
                return true;
            }
            catch (IOException e)
            {
                found.Clear();
                if (attempt == Attempts)
                {
                    progress.Failed($"The data of {held.Name} cannot be read: {e.Message}");
                    return false;
                }
            }

            await Task.Delay(options.RetryDelay, clock, cancellationToken);
        }
    }

    private async ValueTask<bool> ReadAsync(HeldData held, FoundDamage found, CancellationToken cancellationToken)
    {
        BlobId id = held.Extent.Blob;
        await using CheckedBlob blob = await OpenAsync(held, found, cancellationToken) ?? throw await found.ReportAsync(CheckedBlobs.Missing(id));
        if (!blob.IsVerified)
        {
            return await new BareScrub(blobs, blob, held, found, progress, pace).RunAsync(cancellationToken);
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long at = 0; at < blob.PayloadLength;)
            {
                int wanted = (int)Math.Min(BufferSize, blob.PayloadLength - at);
                await pace.WaitAsync(wanted, 1, cancellationToken);
                try
                {
                    int read = await blob.ReadAsync(at, buffer.AsMemory(0, wanted), cancellationToken);
                    at += read;
                    progress.Count(counts => counts with { Bytes = counts.Bytes + read });
                }
                catch (DamagedDataException e) when (e is { Kind: DamageKind.Checksum, Length: < long.MaxValue } && found.Count < MaxDamage)
                {
                    // The blocks after it may be damaged too, and belong to others.
                    at = e.Offset + e.Length;
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<CheckedBlob?> OpenAsync(HeldData held, FoundDamage found, CancellationToken cancellationToken)
    {
        await pace.WaitAsync(0, 1, cancellationToken);
        if (await OpenOnceAsync(held, found, cancellationToken) is { } blob)
        {
            return blob;
        }

        // Metadata that was restored may need what older metadata did not.
        if (!await shelf.BringBackAsync(held.Extent.Blob, cancellationToken))
        {
            return null;
        }

        progress.Count(static counts => counts with { BroughtBack = counts.BroughtBack + 1 });
        return await OpenOnceAsync(held, found, cancellationToken);
    }

    private ValueTask<CheckedBlob?> OpenOnceAsync(HeldData held, FoundDamage found, CancellationToken cancellationToken) =>
        checkedBlobs.OpenOnDeviceAsync(held.Extent.Blob, held.Extent.End, held.Extent.Stored, found, cancellationToken);
}

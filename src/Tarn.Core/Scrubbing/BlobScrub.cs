using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Scrubbing;

/// <summary>Reads blobs that rows refer to from end to end, from the device, and seals those of older builds that are what their records know.</summary>
internal sealed class BlobScrub(
    IKeyValueStore store, IBlobStore blobs, OrphanShelf shelf, CheckedBlobs checkedBlobs, DamageList damage, ScrubProgress progress, ScrubPace pace, ScrubOptions options, TimeProvider clock)
{
    private const int BufferSize = 1 << 20;

    /// <summary>How often a blob that cannot be read is read before that counts as a failure.</summary>
    public const int Attempts = 3;

    /// <summary>So many blobs that several objects share are remembered, so that they are read once; others are read for each of them.</summary>
    private const int MaxSeen = 200_000;

    private readonly Dictionary<BlobId, FoundDamage> _seen = [];
    private readonly HashSet<BlobId> _notVerifiable = [];

    /// <summary>Verifies the blob that a holder has a run of. Damage is on the list when this returns.</summary>
    public async ValueTask VerifyAsync(HeldData held, CancellationToken cancellationToken)
    {
        BlobId id = held.Extent.Blob;
        bool isShared = held.IsShared || held.Extent.Reference != 0 || await IsSharedAsync(held, cancellationToken);
        if (!isShared || !_seen.TryGetValue(id, out FoundDamage? found))
        {
            found = new FoundDamage(damage);
            if (await TryReadAsync(held, isShared, found, cancellationToken) && isShared && _seen.Count < MaxSeen)
            {
                _seen[id] = found;
            }
        }

        if (await found.TellAsync(held.Holder, held.Extent) && !found.IsCounted)
        {
            found.IsCounted = true;
            progress.Count(static counts => counts with { Damaged = counts.Damaged + 1 });
        }
    }

    /// <summary>Whether something could not be read, so that what follows it can be read all the same.</summary>
    public static bool IsUnreadable(Exception e) => e is (IOException and not StoreFailedException) or UnauthorizedAccessException;

    private async ValueTask<bool> IsSharedAsync(HeldData held, CancellationToken cancellationToken)
    {
        try
        {
            return await store.HasReferenceAsync(held.Extent.Blob.Value, cancellationToken);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            progress.Failed($"Whether others have the data of {held.Name} cannot be read: {e.Message}");
            return true;
        }
    }

    /// <summary>Reads a blob, several times if need be; false when it could not be read, or compared with anything, as a whole.</summary>
    private async ValueTask<bool> TryReadAsync(HeldData held, bool isShared, FoundDamage found, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadAsync(held, isShared, found, cancellationToken);
            }
            catch (DamagedDataException)
            {
                // It cannot be opened.
                await RewriteAsync(held, isShared, found, cancellationToken);
                return true;
            }
            catch (Exception e) when (IsUnreadable(e))
            {
                if (attempt == Attempts)
                {
                    progress.Failed($"The data of {held.Name} cannot be read: {e.Message}");
                    return false;
                }
            }

            await Task.Delay(options.RetryDelay, clock, cancellationToken);
        }
    }

    private async ValueTask<bool> ReadAsync(HeldData held, bool isShared, FoundDamage found, CancellationToken cancellationToken)
    {
        BlobId id = held.Extent.Blob;
        bool isRead;
        bool isVerified;
        bool isDamaged;
        await using (CheckedBlob blob = await OpenAsync(held, found, cancellationToken) ?? throw await found.ReportAsync(CheckedBlobs.Missing(id)))
        {
            isVerified = blob.IsVerified;
            isRead = isVerified ? await VerifyAsync(held, blob, cancellationToken)
                : await new BareScrub(blobs, blob, held, isShared, found, _notVerifiable, progress, pace).RunAsync(cancellationToken);
            isDamaged = blob.IsOther;
        }

        IBlobRepair? repair = checkedBlobs.Repair;
        DamagedDataException? tail = isVerified ? await FindTailDamageAsync(id, cancellationToken) : null;
        isDamaged |= tail is not null;
        if (repair is not null && isDamaged)
        {
            bool isHealed = await repair.RepairAsync(id, cancellationToken)
                || (isVerified && isRead && found.Runs.Count == 0 && await MergeAsync(held, found, repair, cancellationToken));
            Count(held, isHealed ? CopyRepair.Done : CopyRepair.Failed);
            tail = isVerified ? await FindTailDamageAsync(id, cancellationToken) : null;
        }

        if (isVerified)
        {
            await TellTailAsync(id, tail, found);
            if (isRead && found.Runs.Count > 0)
            {
                await RewriteAsync(held, isShared, found, cancellationToken);
            }
        }

        if (repair is not null && !isDamaged)
        {
            // Last: what was sealed or written anew is what the other copy is compared with.
            Count(held, await repair.VerifyOthersAsync(id, PaceAsync, cancellationToken));
        }

        return isRead;

        async ValueTask PaceAsync(int bytes)
        {
            await pace.WaitAsync(bytes, 1, cancellationToken);
            progress.Count(counts => counts with { Bytes = counts.Bytes + bytes });
        }
    }

    /// <summary>Verifies what follows the payload: no read of an object needs all of it.</summary>
    private async ValueTask<DamagedDataException?> FindTailDamageAsync(BlobId id, CancellationToken cancellationToken)
    {
        await pace.WaitAsync(0, 1, cancellationToken);
        return await BlobEnd.FindDamageAsync(blobs, id, cancellationToken);
    }

    /// <summary>Tells what is wrong with what follows the payload; null that nothing is.</summary>
    private async ValueTask TellTailAsync(BlobId id, DamagedDataException? wrong, FoundDamage found)
    {
        if (wrong is not null)
        {
            await found.ReportAsync(new DamagedDataException(DamageKind.Tail, id.Value, wrong.Message) { Offset = DamageRange.Tail.Offset, Length = DamageRange.Tail.Length });
        }
        else if (found.Runs.Count == 0 && damage.Find(id.Value) is { } known && known.Range == DamageRange.Tail)
        {
            await damage.DropIfAsync(id.Value, known);
        }
    }

    private async ValueTask RewriteAsync(HeldData held, bool isShared, FoundDamage found, CancellationToken cancellationToken)
    {
        // A blob that is missing, of another length or another blob would be as wrong afterwards.
        if (found.Runs.Any(static run => run.Kind is not (DamageKind.Checksum or DamageKind.Tail)))
        {
            return;
        }

        try
        {
            if (await new BlobRewrite(blobs, shelf, pace).TryAsync(held, isShared, found.Runs, cancellationToken))
            {
                // The device has lost bytes, even if none are missing.
                BlobReadErrors.Count();
                found.Clear();
                progress.Count(static counts => counts with { Rewritten = counts.Rewritten + 1 });
                if (damage.Find(held.Extent.Blob.Value) is { } known)
                {
                    await damage.DropIfAsync(held.Extent.Blob.Value, known);
                }
            }
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            // No failure to read rows, which alone says that blobs may be needed that seem not to be.
            progress.Note($"The data of {held.Name} is damaged on the device, and could not be written anew: {e.Message}");
        }
    }

    /// <summary>Makes one whole copy of several that are damaged in different places; the others are then healed from it.</summary>
    private async ValueTask<bool> MergeAsync(HeldData held, FoundDamage found, IBlobRepair repair, CancellationToken cancellationToken)
    {
        try
        {
            await using CheckedBlob? right = await OpenOnceAsync(held, found, cancellationToken);
            if (right is not { IsVerified: true } || !await new BlobRewrite(blobs, shelf, pace).TryMergeAsync(held, right, repair, cancellationToken))
            {
                return false;
            }

            // The devices have lost bytes, even if none are missing.
            BlobReadErrors.Count();
            return await repair.RepairAsync(held.Extent.Blob, cancellationToken);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            progress.Note($"Copies of the data of {held.Name} are damaged in different places, and could not be made whole: {e.Message}");
            return false;
        }
    }

    private void Count(HeldData held, CopyRepair done)
    {
        switch (done)
        {
            case CopyRepair.Done:
                progress.Count(static counts => counts with { Repaired = counts.Repaired + 1 });
                break;
            case CopyRepair.Failed:
                progress.Failed($"A copy of the data of {held.Name}, blob {held.Extent.Blob}, is damaged or missing and could not be rewritten");
                break;
        }
    }

    /// <summary>Reads an open blob to its end, whatever is damaged or cannot be read in between; false when some of it could not be read.</summary>
    private async ValueTask<bool> VerifyAsync(HeldData held, CheckedBlob blob, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long unread = 0;
            int most = BufferSize, attempt = 1;
            for (long at = 0; at < blob.PayloadLength;)
            {
                int wanted = (int)Math.Min(most, blob.PayloadLength - at);
                await pace.WaitAsync(wanted, 1, cancellationToken);
                try
                {
                    int read = await blob.ReadAsync(at, buffer.AsMemory(0, wanted), cancellationToken);
                    at += read;
                    most = BufferSize;
                    progress.Count(counts => counts with { Bytes = counts.Bytes + read });
                }
                catch (DamagedDataException e) when (e is { Kind: DamageKind.Checksum, Length: < long.MaxValue })
                {
                    // The blocks after it may be damaged too, and belong to others. They are read one by one until one is right.
                    at = e.Offset + e.Length;
                    most = (int)Math.Min(BufferSize, e.Length);
                }
                catch (Exception e) when (e is not DamagedDataException && IsUnreadable(e))
                {
                    // Only the first run that cannot be read is read several times: each may take a failing device many seconds.
                    if (unread == 0 && attempt < Attempts)
                    {
                        attempt++;
                        await Task.Delay(options.RetryDelay, clock, cancellationToken);
                        continue;
                    }

                    if (unread == 0)
                    {
                        progress.Failed($"The data of {held.Name} cannot be read at byte {at} of blob {held.Extent.Blob}: {e.Message}");
                    }

                    unread += wanted;
                    at += wanted;
                }
            }

            return unread == 0;
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

using Tarn.Core.Telemetry;

namespace Tarn.Core.Blobs.Layout;

/// <summary>Opens blobs in such a way that what is read from them is what was stored, or the read fails.</summary>
/// <param name="blobs">The blob store.</param>
/// <param name="mode">When bytes are verified.</param>
/// <param name="clock">Measures for how long a verified block is trusted.</param>
internal sealed class CheckedBlobs(IBlobStore blobs, VerifyReads mode, TimeProvider clock)
{
    /// <summary>When bytes are verified.</summary>
    public VerifyReads Mode => mode;

    /// <summary>Where another copy is found when one is damaged; null where there is one only.</summary>
    public IBlobRepair? Repair { get; } = blobs as IBlobRepair;

    /// <summary>The blocks that need no other look; asked for in mode <see cref="VerifyReads.Device"/> only.</summary>
    public VerifiedBlocks Verified { get; } = new(clock);

    /// <summary>Opens a blob and reads its trailer.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="end">Bytes of payload that the blob has at least.</param>
    /// <param name="stored">Bytes of the whole blob; 0 if not known.</param>
    /// <param name="sink">Is told of damage.</param>
    /// <param name="always">Whether every byte is verified, whatever the mode: for digests, which would make damage look sound.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The blob; null when there is none, which the caller reports if it is damage.</returns>
    /// <exception cref="DamagedDataException">It is too short, too long, or has no valid trailer.</exception>
    public ValueTask<CheckedBlob?> OpenAsync(BlobId id, long end, long stored, IDamageSink sink, bool always, CancellationToken cancellationToken) =>
        OpenAsync(id, end, stored, sink, always ? VerifyReads.Always : mode, onDevice: false, cancellationToken);

    /// <summary>Opens a blob to verify every byte as the device has it, whatever is in memory. What is there stays there, and nothing is added. One that was set aside is not found.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="end">Bytes of payload that the blob has at least.</param>
    /// <param name="stored">Bytes of the whole blob; 0 if not known.</param>
    /// <param name="sink">Is told of damage.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The blob; null when there is none, which the caller reports if it is damage.</returns>
    /// <exception cref="DamagedDataException">It is too short, too long, or has no valid trailer.</exception>
    public ValueTask<CheckedBlob?> OpenOnDeviceAsync(BlobId id, long end, long stored, IDamageSink sink, CancellationToken cancellationToken) =>
        OpenAsync(id, end, stored, sink, VerifyReads.Always, onDevice: true, cancellationToken);

    private async ValueTask<CheckedBlob?> OpenAsync(
        BlobId id, long end, long stored, IDamageSink sink, VerifyReads how, bool onDevice, CancellationToken cancellationToken)
    {
        using StageTimer timer = RequestTimes.Measure(RequestStage.Blob, "blob open");
        IBlobReader? reader = await blobs.OpenAsync(id, cancellationToken);
        if (reader is null && !onDevice)
        {
            reader = await BroughtBackAsync(id, () => blobs.OpenAsync(id, cancellationToken), cancellationToken);
        }

        if (reader is null)
        {
            return null;
        }

        var blob = new CheckedBlob(this, id, reader, end, sink, how, onDevice);
        try
        {
            await blob.CheckAsync(stored, cancellationToken);
            return blob;
        }
        catch
        {
            await blob.DisposeAsync();
            throw;
        }
    }

    /// <summary>Looks, without opening it, whether a blob is there with the right length.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="end">Bytes of payload that the blob has at least.</param>
    /// <param name="stored">Bytes of the whole blob; 0 if not known.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public async ValueTask<DamagedDataException?> FindDamageAsync(BlobId id, long end, long stored, CancellationToken cancellationToken)
    {
        DamagedDataException? damage = await LookAsync(id, end, stored, cancellationToken);
        if (damage is null || Repair is null)
        {
            return damage;
        }

        await Repair.RepairAsync(id, cancellationToken);
        return await LookAsync(id, end, stored, cancellationToken);
    }

    private async ValueTask<DamagedDataException?> LookAsync(BlobId id, long end, long stored, CancellationToken cancellationToken)
    {
        BlobInfo? found = await blobs.FindAsync(id, cancellationToken)
            ?? await BroughtBackAsync(id, () => blobs.FindAsync(id, cancellationToken), cancellationToken);
        return found is { } info ? LengthDamage(id, info.Length, info.IsBare, info.TailAt, end, stored) : Missing(id);
    }

    /// <summary>
    /// Looks again for a blob that is not in its place, after it was brought back if it had been set aside: whoever asks for it knows it from a row, so metadata that was restored needs
    /// it again. If no row does after all, a scrub sets it aside again.
    /// </summary>
    private async ValueTask<T?> BroughtBackAsync<T>(BlobId id, Func<ValueTask<T?>> look, CancellationToken cancellationToken)
    {
        if (blobs is not ISetAsideStore aside)
        {
            return default;
        }

        try
        {
            await aside.BringBackAsync(id, cancellationToken);
        }
        catch (IOException)
        {
            // Another request may have brought it back meanwhile.
            if (await look() is { } there)
            {
                return there;
            }

            throw;
        }

        return await look();
    }

    /// <summary>Whether another file or object has the id by now than the one that a reader has open.</summary>
    internal async ValueTask<bool> IsReplacedAsync(BlobId id, IBlobReader open, CancellationToken cancellationToken)
    {
        if (Repair?.IsOther(open) == true)
        {
            // Another copy is another file in any case.
            return false;
        }

        try
        {
            await using IBlobReader? now = await blobs.OpenAsync(id, cancellationToken);
            return now is not null && Repair?.IsOther(now) != true && (now.Stamp.Volume, now.Stamp.Number) != (open.Stamp.Volume, open.Stamp.Number);
        }
        catch (IOException)
        {
            // What was read is damaged, whatever is there now.
            return false;
        }
    }

    /// <summary>Whether a blob has no checksums; false for one that is missing.</summary>
    public async ValueTask<bool> IsBareAsync(BlobId id, CancellationToken cancellationToken) => await blobs.FindAsync(id, cancellationToken) is { IsBare: true };

    /// <summary>The damage of a blob that is not there.</summary>
    public static DamagedDataException Missing(BlobId id) => new(DamageKind.Missing, id.Value, $"Blob {id} is missing.");

    /// <summary>The damage of a blob whose length is wrong; null when it is right.</summary>
    public static DamagedDataException? LengthDamage(BlobId id, long actual, bool isBare, long? tailAt, long end, long stored)
    {
        // Only blobs that were written with a tail have a length that is known.
        if (isBare && stored != 0)
        {
            return new(DamageKind.Length, id.Value, $"Blob {id} is {actual} bytes without checksums instead of {stored} with them.");
        }

        // What the payload lacks must not be taken from the tail.
        if (tailAt < end)
        {
            return new(DamageKind.Length, id.Value, $"Blob {id} has a payload of {tailAt} bytes instead of at least {end}.");
        }

        if (stored == 0)
        {
            return actual >= end ? null : new(DamageKind.Length, id.Value, $"Blob {id} has {actual} bytes instead of at least {end}.");
        }

        return actual == stored ? null : new(DamageKind.Length, id.Value, $"Blob {id} has {actual} bytes instead of {stored}.");
    }
}

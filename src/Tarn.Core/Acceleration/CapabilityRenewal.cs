using Tarn.Core.Blobs;

namespace Tarn.Core.Acceleration;

/// <summary>Examines and renews capabilities. A renewal asks no policy: a download that has begun may finish.</summary>
/// <param name="blobs">Where the blobs are.</param>
/// <param name="secrets">The keys.</param>
/// <param name="leases">Has the blobs of renewed ones.</param>
/// <param name="clock">The server's clock.</param>
public sealed class CapabilityRenewal(IBlobStore blobs, AcceleratorSecretRow secrets, BlobLeases leases, TimeProvider clock)
{
    /// <summary>Examines a capability.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="zone">The zone of the one who presents it.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<(CapabilityStatus Status, BlobCapability? Capability)> VerifyAsync(string text, string zone, CancellationToken cancellationToken)
    {
        AcceleratorSecrets keys = await secrets.GetAsync(cancellationToken);
        CapabilityStatus status = BlobCapability.Verify(text, zone, keys.StoreKey.Span, epoch => keys.KeyOf(zone, epoch), clock.GetUtcNow(), out BlobCapability? capability);
        return (status, capability);
    }

    /// <summary>Renews a capability.</summary>
    /// <returns>The new one; null when it is not valid, was renewed for too long, or its blob is gone.</returns>
    /// <inheritdoc cref="VerifyAsync"/>
    public async ValueTask<string?> RenewAsync(string text, string zone, CancellationToken cancellationToken)
    {
        if (await VerifyAsync(text, zone, cancellationToken) is not (CapabilityStatus.Valid, { } old))
        {
            return null;
        }

        DateTimeOffset now = clock.GetUtcNow();
        long since = old.Since ?? old.Expires - (long)BlobCapability.MaxLife.TotalSeconds;
        long expires = Math.Min(now.ToUnixTimeSeconds() + (long)BlobCapability.MaxLife.TotalSeconds, since + (long)BlobCapability.MaxRenewal.TotalSeconds);
        if (expires <= now.ToUnixTimeSeconds())
        {
            return null;
        }

        // Before it is looked for, so that it is not removed in between.
        leases.Add(old.Blob, zone, expires, old.Length);
        if (await blobs.FindAsync(old.Blob, cancellationToken) is not { } blob)
        {
            leases.Remove(old.Blob);
            return null;
        }

        leases.Add(old.Blob, zone, expires, blob.Length);

        AcceleratorSecrets keys = await secrets.GetAsync(cancellationToken);
        ZoneKey zoneKey = keys.KeyOf(zone, ZoneKey.EpochOf(now));
        return (old with { Since = Math.Max(0, since), Expires = expires, Epoch = zoneKey.Epoch }).Make(keys.StoreKey.Span, zoneKey.Key);
    }
}

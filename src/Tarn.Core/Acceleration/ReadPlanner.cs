using System.Buffers.Binary;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;

namespace Tarn.Core.Acceleration;

/// <summary>Plans where accelerators read objects. It decides nothing about who may read them.</summary>
/// <param name="reader">Reads manifests.</param>
/// <param name="damage">What is known to be damaged, which is answered as it is without an accelerator.</param>
/// <param name="blocks">Is told which objects were planned.</param>
/// <param name="secrets">The keys of capabilities and continuations.</param>
/// <param name="leases">Holds the blobs of continued plans.</param>
/// <param name="clock">The server's clock.</param>
/// <param name="random">Makes nonces.</param>
public sealed class ReadPlanner(
    ObjectReader reader, DamageList damage, BlockSource blocks, AcceleratorSecretRow secrets, BlobLeases leases, TimeProvider clock, IRandomSource random)
{
    /// <summary>How long a continuation is valid, from the first plan on: the capabilities of all its plans end with it, too, however often they are renewed.</summary>
    public static readonly TimeSpan ContinuationLife = BlobCapability.MaxRenewal;

    /// <summary>Whether an object's bytes are in blobs.</summary>
    public static bool CanPlan(StoredObject found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return !found.IsDeleteMarker && found.Record.Data is ObjectData.Extents or ObjectData.Manifest;
    }

    /// <summary>Plans a range of an object whose bytes are in blobs.</summary>
    /// <param name="found">The object.</param>
    /// <param name="start">The range's first byte.</param>
    /// <param name="length">The range's length in bytes, at least one.</param>
    /// <param name="zone">The zone of the accelerator.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The plan of the first bytes, and where it continues; null when the range is to be answered without a plan.</returns>
    /// <exception cref="DamagedDataException">A row of its manifest is missing.</exception>
    public async ValueTask<ReadPlan?> PlanAsync(StoredObject found, long start, long length, string zone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(found);
        return await PlanAsync(found, start, start + length, zone, Expiry(ContinuationLife), isContinued: false, cancellationToken);
    }

    /// <summary>What continues with an object from its first byte on; null when there is nothing to plan, or its row is too large.</summary>
    public async ValueTask<string?> BeginAsync(StoredObject found, string zone, CancellationToken cancellationToken) =>
        CanPlan(found) && found.Size > 0
            ? new Continuation(found, 0, found.Size, zone, Expiry(ContinuationLife)).Seal((await secrets.GetAsync(cancellationToken)).ContinuationKey.Span, random)
            : null;

    /// <summary>Plans what a continuation says.</summary>
    /// <param name="text">The sealed text.</param>
    /// <param name="zone">The zone of the accelerator.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The plan; null when the text is not genuine, of another zone or has expired, or its bytes are to be read without a plan.</returns>
    /// <exception cref="DamagedDataException">A row of the manifest is missing.</exception>
    /// <exception cref="IOException">The object was deleted, and its manifest is gone.</exception>
    public async ValueTask<ReadPlan?> ContinueAsync(string text, string zone, CancellationToken cancellationToken)
    {
        AcceleratorSecrets keys = await secrets.GetAsync(cancellationToken);
        if (Continuation.Open(text, keys.ContinuationKey.Span) is not { } from
            || !string.Equals(from.Zone, zone, StringComparison.Ordinal) || from.Expires * 1000 <= clock.GetUtcNow().ToUnixTimeMilliseconds())
        {
            return null;
        }

        ReadPlan? plan = await PlanAsync(from.Found, from.Start, from.End, zone, from.Expires, isContinued: true, cancellationToken);
        if (plan is not null && !await reader.IsUnchangedAsync(from.Found, cancellationToken))
        {
            // It may have been deleted nearly a grace period ago.
            foreach (PlannedExtent extent in plan.Extents)
            {
                leases.Add(extent.Blob, zone, plan.Expires / 1000, extent.Length);
            }
        }

        return plan;
    }

    /// <param name="found">The object.</param>
    /// <param name="start">The range's first byte.</param>
    /// <param name="end">The byte after its last one.</param>
    /// <param name="zone">The zone of the accelerator.</param>
    /// <param name="ends">When whatever comes of the first plan ends, Unix seconds.</param>
    /// <param name="isContinued">Whether this is not the first plan.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    private async ValueTask<ReadPlan?> PlanAsync(StoredObject found, long start, long end, string zone, long ends, bool isContinued, CancellationToken cancellationToken)
    {
        AcceleratorSecrets keys = await secrets.GetAsync(cancellationToken);
        await damage.LoadAsync(cancellationToken);
        DateTimeOffset now = clock.GetUtcNow();
        long expires = Math.Min(Expiry(BlobCapability.MaxLife), ends);
        long? since = isContinued ? Math.Max(0, ends - (long)ContinuationLife.TotalSeconds) : null;
        ZoneKey zoneKey = keys.KeyOf(zone, ZoneKey.EpochOf(now));
        var extents = new List<PlannedExtent>();
        long at = start, most = Math.Min(end, start + ReadPlan.MaxLength);
        await foreach ((Extent run, long inRun) in RunsAsync(found, start, most, cancellationToken))
        {
            if (extents.Count == ReadPlan.MaxExtents)
            {
                break;
            }

            long from = run.Offset + inRun, to = Math.Min(run.End, from + (most - at));
            if (!damage.IsKnownEmpty && damage.Contains(run.Blob.Value, from, to - from))
            {
                return null;
            }

            var capability = new BlobCapability { Blob = run.Blob, Offset = run.Offset, Length = run.Length, Zone = zone, Expires = expires, Epoch = zoneKey.Epoch, Since = since };
            extents.Add(new PlannedExtent
            {
                Blob = run.Blob, Offset = run.Offset, Length = run.Length, From = from, To = to, Encoding = PlannedExtent.Plain,
                Capability = capability.Make(keys.StoreKey.Span, zoneKey.Key),
            });
            blocks.Planned.Add(run.Blob, found);
            at += to - from;
        }

        string? next = null;
        if (at == start || (at < end && (next = new Continuation(found, at, end, zone, ends).Seal(keys.ContinuationKey.Span, random)) is null))
        {
            return null;
        }

        return new ReadPlan
        {
            Start = start, Length = at - start, Bucket = BinaryPrimitives.ReadUInt64BigEndian(found.Row.AsSpan(1)), Expires = expires * 1000, Next = next, Extents = extents,
        };
    }

    /// <summary>The runs of blobs that an object has from a byte on, and where in the first of them that byte is. Reads a row of a manifest only when it is needed.</summary>
    private async IAsyncEnumerable<(Extent Run, long InRun)> RunsAsync(
        StoredObject found, long start, long end, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long at = 0;
        switch (found.Record.Data)
        {
            case ObjectData.Extents extents:
                foreach ((Extent, long) run in Among(extents.List))
                {
                    yield return run;
                }

                break;
            case ObjectData.Manifest manifest:
                for (int chunk = 0; chunk < manifest.ChunkStarts.Count && manifest.ChunkStarts[chunk] < end; chunk++)
                {
                    if (chunk + 1 < manifest.ChunkStarts.Count && manifest.ChunkStarts[chunk + 1] <= start)
                    {
                        continue;
                    }

                    at = manifest.ChunkStarts[chunk];
                    foreach ((Extent, long) run in Among((await reader.ChunkAsync(found, manifest, chunk, cancellationToken)).SelectMany(static part => part.Extents)))
                    {
                        yield return run;
                    }
                }

                break;
        }

        IEnumerable<(Extent Run, long InRun)> Among(IEnumerable<Extent> runs)
        {
            foreach (Extent run in runs)
            {
                long first = at;
                at += run.Length;
                if (run.Length > 0 && at > start && first < end)
                {
                    yield return (run, Math.Max(0, start - first));
                }
            }
        }
    }

    private long Expiry(TimeSpan life) => clock.GetUtcNow().ToUnixTimeSeconds() + (long)life.TotalSeconds;
}

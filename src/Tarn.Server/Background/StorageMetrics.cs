using System.Diagnostics.Metrics;
using Tarn.Backends.Files;
using Tarn.Core.Acceleration;
using Tarn.Core.Maintenance;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Scrubbing;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Metrics of the free space of the storage devices, and of the data still to be reclaimed.</summary>
internal sealed class StorageMetrics : IDisposable
{
    private readonly Meter _meter = ServerTelemetry.CreateMeter();
    private readonly List<(string Path, KeyValuePair<string, object?> Tag)> _places = [];

    public StorageMetrics(IReadOnlyList<StoreDevices> devices, DamageList damage, ReclaimWorker reclaim, ScrubWorker scrub, BlobLeases leases)
    {
        foreach (StoreDevices stores in devices)
        {
            _places.Add((stores.MetadataPath, Tag(stores.MetadataName)));
            _places.Add((stores.BlobsPath, Tag(stores.BlobsName)));
        }

        _meter.CreateObservableGauge(
            "tarn.storage.free", () => Measure(static _ => true, static s => s.FreeBytes), unit: "By", description: "Bytes that can still be written to the device of a store.");
        _meter.CreateObservableGauge(
            "tarn.storage.free_inodes",
            () => Measure(static s => s.Inodes > 0, static s => s.FreeInodes),
            unit: "{inode}",
            description: "Files that can still be created on the device of a store, if that is limited.");
        _meter.CreateObservableGauge(
            "tarn.storage.size", () => Measure(static _ => true, static s => s.TotalBytes), unit: "By", description: "Size of the device of a store.");
        _meter.CreateObservableGauge(
            "tarn.storage.inodes", () => Measure(static s => s.Inodes > 0, static s => s.Inodes), unit: "{inode}", description: "Files that the device of a store can hold, if that is limited.");
        _meter.CreateObservableGauge(
            "tarn.storage.reserve_held", () => devices.Select(HeldBytes).OfType<Measurement<long>>(), unit: "By", description: "Bytes set aside for deletes; 0 where they are only counted.");
        _meter.CreateObservableGauge(
            "tarn.data.damaged", () => damage.Count, unit: "{datum}", description: "Blobs, rows of small objects and manifests that were found damaged.");
        _meter.CreateObservableGauge(
            "tarn.reclaim.backlog", () => reclaim.Backlog, unit: "{row}", description: "Reclaim rows that are due and not processed yet.");
        _meter.CreateObservableCounter(
            "tarn.reclaim.orphans", () => reclaim.Orphans, unit: "{blob}", description: "Blobs that interrupted uploads had written.");
        _meter.CreateObservableCounter(
            "tarn.reclaim.handled", () => reclaim.Handled, unit: "{row}", description: "Reclaim rows that were processed.");
        _meter.CreateObservableCounter(
            "tarn.reclaim.failures", () => reclaim.Failures, unit: "{failure}", description: "Reclaim rows, and whole passes, that failed and are tried again.");
        _meter.CreateObservableGauge(
            "tarn.accelerators.leases", () => leases.Count, unit: "{blob}", description: "Blobs that downloads through accelerators have leased.");
        _meter.CreateObservableGauge(
            "tarn.accelerators.leases.held_blobs", () => leases.Held.Count, unit: "{blob}", description: "Those of them that are due for removal, which waits.");
        _meter.CreateObservableGauge(
            "tarn.accelerators.leases.held", () => leases.Held.Bytes, unit: "By", description: "Bytes of these blobs.");
        _meter.CreateObservableGauge(
            "tarn.blobs.orphans", () => Last(scrub, static c => c.Blobs), unit: "{blob}", description: "Blobs that no row refers to and that were not set aside, at the last count.");
        _meter.CreateObservableGauge(
            "tarn.blobs.orphan", () => Last(scrub, static c => c.Bytes), unit: "By", description: "Bytes of these blobs.");
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string store) => new("store", store);

    private static Measurement<long>? HeldBytes(StoreDevices stores) =>
        stores.Metadata() is { } metadata ? new Measurement<long>(metadata.ReserveHeldBytes, Tag(stores.MetadataName)) : null;

    /// <summary>The last count; nothing before the first one, since 0 would mean that there are none.</summary>
    private static IEnumerable<Measurement<long>> Last(ScrubWorker scrub, Func<OrphanCount, long> value) =>
        scrub.Orphans is { } found ? [new Measurement<long>(value(found))] : [];

    private List<Measurement<long>> Measure(Func<FileSystemSpace, bool> has, Func<FileSystemSpace, long> value)
    {
        var measured = new List<Measurement<long>>(_places.Count);
        foreach ((string path, KeyValuePair<string, object?> tag) in _places)
        {
            try
            {
                FileSystemSpace space = FileSystemSpace.Of(path);
                if (has(space))
                {
                    measured.Add(new Measurement<long>(value(space), tag));
                }
            }
            catch (IOException)
            {
                // A device that does not respond has no value; the other metrics are still reported.
            }
        }

        return measured;
    }
}

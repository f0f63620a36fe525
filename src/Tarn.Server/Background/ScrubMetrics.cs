using System.Diagnostics.Metrics;
using Tarn.Core.Scrubbing;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>What scrubbing does and found: counters since the process started, and the last pass that ended.</summary>
internal sealed class ScrubMetrics : IDisposable
{
    private readonly Meter _meter = ServerTelemetry.CreateMeter();

    public ScrubMetrics(ScrubWorker worker, OrphanShelf shelf)
    {
        _meter.CreateObservableGauge("tarn.blobs.set_aside", () => Shelved(shelf, static c => c.Blobs), unit: "{blob}", description: "Blobs that no row refers to and that were set aside.");
        _meter.CreateObservableGauge("tarn.blobs.set_aside_size", () => Shelved(shelf, static c => c.Bytes), unit: "By", description: "Bytes of these blobs.");
        _meter.CreateObservableGauge(
            "tarn.blobs.set_aside_kept", () => worker.Status.OrphansKeptBecause is null ? 0 : 1, description: "1 while nothing that was set aside is removed by itself, whatever its retention.");
        _meter.CreateObservableCounter("tarn.scrub.verified", () => worker.Totals.Bytes, unit: "By", description: "Bytes that scrubbing read and verified.");
        _meter.CreateObservableCounter("tarn.scrub.objects", () => worker.Totals.Objects, unit: "{object}", description: "Objects, versions and parts that scrubbing looked at.");
        _meter.CreateObservableCounter("tarn.scrub.damaged", () => worker.Totals.Damaged, unit: "{datum}", description: "Damaged pieces of data that scrubbing found.");
        _meter.CreateObservableCounter("tarn.scrub.failures", () => worker.Totals.Failures, unit: "{failure}", description: "What scrubbing could not read.");
        _meter.CreateObservableCounter("tarn.scrub.sealed", () => worker.Totals.Sealed, unit: "{blob}", description: "Blobs of older builds that scrubbing gave checksums.");
        _meter.CreateObservableCounter("tarn.scrub.rewritten", () => worker.Totals.Rewritten, unit: "{blob}", description: "Blobs that scrubbing wrote anew, since the device had wrong bytes of them.");
        _meter.CreateObservableGauge(
            "tarn.scrub.pass", () => worker.Status.Current?.Counts.Bytes ?? 0, unit: "By", description: "Bytes that the pass under way has verified; 0 while there is none.");
        _meter.CreateObservableGauge(
            "tarn.scrub.last_finished", () => Last(worker, static pass => pass.Finished!.Value.ToUnixTimeSeconds()), unit: "s", description: "When the last pass ended, Unix time.");
        _meter.CreateObservableGauge(
            "tarn.scrub.last_duration", () => Last(worker, static pass => (long)(pass.Finished!.Value - pass.Began).TotalSeconds), unit: "s", description: "How long the last pass took.");
        _meter.CreateObservableGauge(
            "tarn.scrub.last_failures", () => Last(worker, static pass => pass.Counts.Failures), unit: "{failure}", description: "What the last pass could not read.");
        _meter.CreateObservableGauge("tarn.scrub.interval", () => (long)worker.Options.Interval.TotalSeconds, unit: "s", description: "The time from one pass to the next.");
        _meter.CreateObservableGauge(
            "tarn.scrub.paused", () => worker.Status.Activity == ScrubActivity.Paused ? 1 : 0, description: "1 while an operator has paused scrubbing.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Shelved(OrphanShelf shelf, Func<OrphanCount, long> value) =>
        shelf.Count is { } count ? [new Measurement<long>(value(count))] : [];

    private static IEnumerable<Measurement<long>> Last(ScrubWorker worker, Func<ScrubPass, long> value) =>
        worker.Status.Last is { } pass ? [new Measurement<long>(value(pass))] : [];
}

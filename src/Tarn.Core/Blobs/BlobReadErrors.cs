using System.Diagnostics.Metrics;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Blobs;

/// <summary>Counts reads of stored data that failed: because of the device, or because the data is damaged.</summary>
public static class BlobReadErrors
{
    private static readonly ObservableCounter<long> Counter = CoreTelemetry.Meter.CreateObservableCounter(
        "tarn.blob.read_errors", static () => Interlocked.Read(ref _count), unit: "{error}", description: "Reads of stored data that the device failed, or that found the data missing or damaged.");

    private static long _count;

    /// <summary>Counts one failed read.</summary>
    public static void Count() => Interlocked.Increment(ref _count);

    /// <summary>Publishes the counter before anything is counted, so that alerts can watch it from the start.</summary>
    public static void Show() => GC.KeepAlive(Counter);
}

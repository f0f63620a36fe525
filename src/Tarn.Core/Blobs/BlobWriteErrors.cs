using System.Diagnostics.Metrics;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Blobs;

/// <summary>Counts writes of data that the device failed. A full device is not a failure.</summary>
public static class BlobWriteErrors
{
    private static readonly ObservableCounter<long> Counter = CoreTelemetry.Meter.CreateObservableCounter(
        "tarn.blob.write_errors", static () => Interlocked.Read(ref _count), unit: "{error}", description: "Writes of data that the device failed, or of which it has other bytes than were written.");

    private static long _count;

    /// <summary>Counts one failed write.</summary>
    public static void Count() => Interlocked.Increment(ref _count);

    /// <summary>Publishes the counter before anything is counted, so that alerts can watch it from the start.</summary>
    public static void Show() => GC.KeepAlive(Counter);
}

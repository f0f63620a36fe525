using System.Diagnostics.Metrics;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Blobs;

/// <summary>Counts blobs that could not be read: those that the device fails on, that are missing, or that are shorter than they should be.</summary>
public static class BlobReadErrors
{
    private static readonly ObservableCounter<long> Counter = CoreTelemetry.Meter.CreateObservableCounter(
        "tarn.blob.read_errors", static () => Interlocked.Read(ref _count), unit: "{error}", description: "Reads of blobs that failed, found the blob missing, or found it too short.");

    private static long _count;

    /// <summary>Counts one.</summary>
    public static void Count() => Interlocked.Increment(ref _count);

    /// <summary>Counts one, and returns what to throw.</summary>
    public static IOException Found(string damage)
    {
        Count();
        return new IOException(damage);
    }

    /// <summary>Shows the counter, at what it is: a counter that is never seen until it counts cannot be watched.</summary>
    public static void Show() => GC.KeepAlive(Counter);
}

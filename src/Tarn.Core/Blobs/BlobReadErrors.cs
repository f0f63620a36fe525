using System.Diagnostics.Metrics;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Blobs;

/// <summary>Counts blobs that could not be read: because the device failed, or because they are missing or shorter than they should be.</summary>
public static class BlobReadErrors
{
    private static readonly ObservableCounter<long> Counter = CoreTelemetry.Meter.CreateObservableCounter(
        "tarn.blob.read_errors", static () => Interlocked.Read(ref _count), unit: "{error}", description: "Reads of blobs that failed, found the blob missing, or found it too short.");

    private static long _count;

    /// <summary>Counts one failed read.</summary>
    public static void Count() => Interlocked.Increment(ref _count);

    /// <summary>Counts one failed read, and returns the exception to throw.</summary>
    public static IOException Found(string damage)
    {
        Count();
        return new IOException(damage);
    }

    /// <summary>Publishes the counter before anything is counted, so that alerts can watch it from the start.</summary>
    public static void Show() => GC.KeepAlive(Counter);
}

using System.Diagnostics.Metrics;

namespace Tarn.Core.Blobs;

/// <summary>Counts blobs that could not be read: those that the device fails on, that are missing, or that are shorter than they should be.</summary>
public static class BlobReadErrors
{
    private static readonly Meter Meter = new("Tarn.Blobs");

    private static readonly Counter<long> Counter = Meter.CreateCounter<long>(
        "tarn.blob.read_errors", description: "Reads of blobs that failed, found the blob missing, or found it too short.");

    /// <summary>Counts one.</summary>
    public static void Count() => Counter.Add(1);

    /// <summary>Counts one, and returns what to throw.</summary>
    public static IOException Found(string damage)
    {
        Count();
        return new IOException(damage);
    }

    /// <summary>Shows the counter, at what it is: a counter that is never seen until it counts cannot be watched.</summary>
    internal static void Show() => Counter.Add(0);
}

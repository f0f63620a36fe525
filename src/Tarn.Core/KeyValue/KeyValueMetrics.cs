using System.Diagnostics.Metrics;
using Tarn.Core.Telemetry;

namespace Tarn.Core.KeyValue;

/// <summary>Metrics of the metadata store, whichever engine holds it.</summary>
internal static class KeyValueMetrics
{
    /// <summary>Commits that were not applied because a row that they check had changed.</summary>
    public static readonly Counter<long> Conflicts = CoreTelemetry.Meter.CreateCounter<long>(
        "tarn.metadata.conflicts", "{conflict}", "Commits of metadata that were not applied because a row that they check had changed.");
}

using System.Diagnostics.Metrics;
using Tarn.Core.Telemetry;

namespace Tarn.Core.KeyValue;

/// <summary>What is counted of the metadata, whichever engine keeps it.</summary>
internal static class KeyValueMetrics
{
    /// <summary>Commits that did nothing because a row that they check had changed.</summary>
    public static readonly Counter<long> Conflicts = CoreTelemetry.Meter.CreateCounter<long>(
        "tarn.metadata.conflicts", "{conflict}", "Commits of metadata that did nothing because another change of the same rows came before.");
}

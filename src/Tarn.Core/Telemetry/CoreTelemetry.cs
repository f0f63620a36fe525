using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Tarn.Core.Telemetry;

/// <summary>The meter and the activity source of this project. The host decides what listens to them.</summary>
public static class CoreTelemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Tarn.Core";

    internal static readonly Meter Meter = new(Name);

    internal static readonly ActivitySource Activities = new(Name);
}

using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Tarn.S3.Telemetry;

/// <summary>The meter and the activity source of this project. The host decides whether anything listens to them.</summary>
public static class S3Telemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Tarn.S3";

    internal static readonly Meter Meter = new(Name);

    internal static readonly ActivitySource Activities = new(Name);
}

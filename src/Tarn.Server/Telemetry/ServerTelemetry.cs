using System.Diagnostics.Metrics;

namespace Tarn.Server.Telemetry;

/// <summary>The meter of this project. <see cref="TelemetrySetup"/> decides what listens to it.</summary>
internal static class ServerTelemetry
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Tarn.Server";

    /// <summary>The meter for instruments that live as long as the process.</summary>
    public static readonly Meter Meter = new(Name);

    /// <summary>Creates a meter for gauges over an object: disposing of it ends them, so that they do not keep the object alive.</summary>
    public static Meter CreateMeter() => new(Name);
}

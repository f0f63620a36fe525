using Tarn.Server.Connections;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>What a <see cref="TarnHost"/> is given to serve with.</summary>
internal sealed record HostParts
{
    /// <summary>Handles the requests of the S3 listener.</summary>
    public required RequestDelegate S3 { get; init; }

    /// <summary>Answers requests of the S3 listener for which there is no room.</summary>
    public required RequestDelegate S3Busy { get; init; }

    /// <summary>How the descriptors of the process are shared out.</summary>
    public required DescriptorBudget Descriptors { get; init; }

    /// <summary>Whether what is served takes writes.</summary>
    /// <remarks>Made only where none is given: each has a gauge, and a metric that is there twice cannot be read.</remarks>
    public StoreHealth Stores { get => field ??= new StoreHealth(); init; }

    /// <summary>Registers what the endpoints of <see cref="Control"/> take; null: nothing.</summary>
    public Action<IServiceCollection>? Services { get; init; }

    /// <summary>Adds what the control address has beside health and metrics; null: nothing.</summary>
    public Action<IEndpointRouteBuilder>? Control { get; init; }

    /// <summary>Where the log goes; null: nowhere.</summary>
    public ILoggerProvider? Log { get; init; }

    /// <summary>Where telemetry is exported to.</summary>
    public OtlpSettings Otlp { get; init; } = OtlpSettings.None;

    /// <summary>Ends the process at once with this exit code, for a second signal.</summary>
    public Action<int> Exit { get; init; } = ProcessExit.Now;
}

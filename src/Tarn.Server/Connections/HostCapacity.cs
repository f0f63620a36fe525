using Tarn.Server.Configuration;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Connections;

/// <summary>The capacity of each listener, from the settings and the limits of the process.</summary>
internal sealed partial class HostCapacity : IDisposable
{
    /// <summary>The memory budget of requests to the control API, in bytes: its bodies are short.</summary>
    private const long ControlMemory = 256L << 20;

    private readonly DescriptorBudget _descriptors;
    private readonly int? _wanted;

    public HostCapacity(ServerOptions options, DescriptorBudget descriptors, TimeProvider time)
    {
        _descriptors = descriptors;
        _wanted = options.MaxConnections;
        S3Gate = new ConnectionGate("s3", Math.Min(_wanted ?? int.MaxValue, descriptors.S3Connections), time);
        ControlGate = new ConnectionGate("control", descriptors.ControlConnections, time);

        // A request may open a file. With HTTP/2 there are more requests than connections: the other half of the descriptors is for them.
        S3Budget = new RequestBudget("s3", descriptors.S3Connections, options.RequestMemory ?? RequestBudget.DefaultBytes(), time);
        ControlBudget = new RequestBudget("control", descriptors.ControlConnections, ControlMemory, time);
    }

    public ConnectionGate S3Gate { get; }

    public ConnectionGate ControlGate { get; }

    public RequestBudget S3Budget { get; }

    public RequestBudget ControlBudget { get; }

    /// <summary>Logs a warning about limits that may be lower than intended.</summary>
    public void Report(ILogger logger)
    {
        if (_wanted > _descriptors.S3Connections)
        {
            LogCapped(logger, _descriptors.S3Connections, _wanted.Value, _descriptors.Limit);
        }
        else if (_descriptors.IsLow)
        {
            LogLow(logger, _descriptors.Limit, S3Gate.Limit);
        }
    }

    /// <summary>Closes idle connections because the server stops, so that they do not delay it.</summary>
    public void StartDraining()
    {
        S3Gate.StartDraining();
        ControlGate.StartDraining();
    }

    public void Dispose()
    {
        S3Gate.Dispose();
        ControlGate.Dispose();
        S3Budget.Dispose();
        ControlBudget.Dispose();
    }

    [LoggerMessage(EventIds.ConnectionsCapped, LogLevel.Warning, "The S3 endpoint takes {Connections} connections, not the {Wanted} that --max-connections asks for: the process may open only {Limit} files (ulimit -n, LimitNOFILE)")]
    private static partial void LogCapped(ILogger logger, int connections, int wanted, int limit);

    [LoggerMessage(EventIds.ConnectionsLow, LogLevel.Warning, "The process may open only {Limit} files, so the S3 endpoint takes {Connections} connections: raise the limit (ulimit -n, LimitNOFILE), for example to 65536")]
    private static partial void LogLow(ILogger logger, int limit, int connections);
}

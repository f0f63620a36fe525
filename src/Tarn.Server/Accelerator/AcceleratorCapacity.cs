using Tarn.Server.Configuration;
using Tarn.Server.Connections;

namespace Tarn.Server.Accelerator;

/// <summary>How many connections and requests an accelerator takes, from the settings and the limits of the process.</summary>
internal sealed class AcceleratorCapacity : IDisposable
{
    /// <summary>The memory budget of requests for metrics and health, in bytes.</summary>
    private const long MetricsMemory = 64L << 20;

    /// <summary>That of requests of other accelerators, in bytes.</summary>
    private const long PeersMemory = 256L << 20;

    public AcceleratorCapacity(AcceleratorOptions options, DescriptorBudget descriptors, TimeProvider time)
    {
        // Each is counted twice, as a request has a connection to the upstream too.
        int connections = Math.Min(options.MaxConnections ?? int.MaxValue, descriptors.S3Connections);
        UpstreamConnections = descriptors.S3Connections;
        S3Gate = new ConnectionGate("s3", connections, time);
        PeersGate = new ConnectionGate("peers", descriptors.ControlConnections, time);
        PeersBudget = new RequestBudget("peers", descriptors.ControlConnections, PeersMemory, time);
        MetricsGate = new ConnectionGate("metrics", descriptors.ControlConnections, time);
        S3Budget = new RequestBudget("s3", descriptors.S3Connections, options.RequestMemory ?? RequestBudget.DefaultBytes(), time);
        MetricsBudget = new RequestBudget("metrics", descriptors.ControlConnections, MetricsMemory, time);
    }

    /// <summary>The maximum number of connections to the upstream in use.</summary>
    public int UpstreamConnections { get; }

    public ConnectionGate S3Gate { get; }

    public ConnectionGate MetricsGate { get; }

    public RequestBudget S3Budget { get; }

    public RequestBudget MetricsBudget { get; }

    public ConnectionGate PeersGate { get; }

    public RequestBudget PeersBudget { get; }

    /// <summary>Closes idle connections because the accelerator stops.</summary>
    public void StartDraining()
    {
        S3Gate.StartDraining();
        PeersGate.StartDraining();
        MetricsGate.StartDraining();
    }

    public void Dispose()
    {
        S3Gate.Dispose();
        PeersGate.Dispose();
        PeersBudget.Dispose();
        MetricsGate.Dispose();
        S3Budget.Dispose();
        MetricsBudget.Dispose();
    }
}

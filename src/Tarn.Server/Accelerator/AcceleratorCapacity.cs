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

    public AcceleratorCapacity(AcceleratorOptions options, AcceleratorDescriptors descriptors, TimeProvider time)
    {
        int connections = Math.Min(options.MaxConnections ?? int.MaxValue, descriptors.Clients), peers = Math.Max(descriptors.Peers, 1);
        UpstreamConnections = descriptors.Clients;
        PeerConnections = peers;
        S3Gate = new ConnectionGate("s3", connections, time);
        PeersGate = new ConnectionGate("peers", peers, time);
        PeersBudget = new RequestBudget("peers", peers, PeersMemory, time);
        MetricsGate = new ConnectionGate("metrics", descriptors.Metrics, time);
        S3Budget = new RequestBudget("s3", descriptors.Clients, options.RequestMemory ?? RequestBudget.DefaultBytes(), time);
        MetricsBudget = new RequestBudget("metrics", descriptors.Metrics, MetricsMemory, time);
    }

    /// <summary>The maximum number of connections to the upstream in use.</summary>
    public int UpstreamConnections { get; }

    /// <summary>The maximum number of connections to other accelerators.</summary>
    public int PeerConnections { get; }

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

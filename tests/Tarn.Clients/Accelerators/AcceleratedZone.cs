using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Accelerators;

/// <summary>The real server and accelerators of one zone in front of it, each a process.</summary>
internal sealed class AcceleratedZone : IAsyncDisposable
{
    public const string Bucket = "zone";

    private AcceleratedZone(TarnServer server) => Server = server;

    public TarnServer Server { get; }

    public List<TarnAccelerator> Accelerators { get; } = [];

    /// <summary>Starts all of them; makes a bucket.</summary>
    /// <param name="count">How many accelerators. They are peers.</param>
    /// <param name="accelerator">Changes the options of each.</param>
    public static async Task<AcceleratedZone> StartAsync(int count, Func<TarnAcceleratorOptions, TarnAcceleratorOptions>? accelerator = null)
    {
        Assert.SkipWhen(TarnEndpoint.FromEnvironment() is not null, "Another's process is not ours to kill.");
        var zone = new AcceleratedZone(await TarnServer.StartAsync(new TarnServerOptions { Accelerators = true }));
        try
        {
            for (int i = 0; i < count; i++)
            {
                var options = new TarnAcceleratorOptions { Name = $"node-{i}", Peers = count > 1 };
                zone.Accelerators.Add(await TarnAccelerator.StartAsync(zone.Server, accelerator?.Invoke(options) ?? options));
            }

            using var client = new RawS3Client(zone.Server.Endpoint);
            await client.CreateBucketAsync(Bucket);
            return zone;
        }
        catch
        {
            await zone.DisposeAsync();
            throw;
        }
    }

    /// <summary>What all of them wrote.</summary>
    public string Output => string.Join('\n', Accelerators.Select(static accelerator => accelerator.Output).Prepend(Server.Output));

    public async ValueTask DisposeAsync()
    {
        foreach (TarnAccelerator accelerator in Accelerators)
        {
            await accelerator.DisposeAsync();
        }

        await Server.DisposeAsync();
    }
}

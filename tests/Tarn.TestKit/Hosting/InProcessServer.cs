using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Core;
using Tarn.Core.Blobs;
using Tarn.Server.Auditing;
using Tarn.Server.Background;
using Tarn.Server.Configuration;
using Tarn.Server.Hosting;
using Tarn.Server.Identity;
using Tarn.Server.Logging;
using Tarn.Server.Storage;

namespace Tarn.TestKit.Hosting;

/// <summary>A whole server in this process, composed as in the program, over engines in memory and on free ports.</summary>
internal sealed class InProcessServer : IAsyncDisposable
{
    public const string RootAccessKey = "ROOTKEY";
    public const string RootSecretKey = "root-secret";

    private readonly Engines _engines;
    private readonly ServerIdentity _identity;
    private readonly AuditLog _audit;

    private InProcessServer(Engines engines, ServerIdentity identity, AuditLog audit, TarnHost host)
    {
        _engines = engines;
        _identity = identity;
        _audit = audit;
        Host = host;
    }

    public TarnHost Host { get; }

    public string S3Url => Host.S3Url;

    public string ControlUrl => Host.ControlUrl;

    /// <summary>The services of the host.</summary>
    public IServiceProvider Services => Host.Services;

    /// <summary>The settings of a server in this process: free ports, no log, a root key and a master key.</summary>
    public static ServerOptions Options { get; } = ServerOptionsBinder.Bind(SettingValues.Collect(
        static setting => setting == Settings.S3 || setting == Settings.Control ? ["127.0.0.1:0"] : setting == Settings.LogLevel ? ["none"] : null,
        new Dictionary<string, string>
        {
            [Settings.RootAccessKey.Variable] = RootAccessKey,
            [Settings.RootSecretKey.Variable] = RootSecretKey,
            [Settings.MasterKey.Variable] = new('m', 64),
        }));

    public static async Task<InProcessServer> StartAsync(InProcessSetup? setup = null, CancellationToken cancellationToken = default)
    {
        setup ??= new InProcessSetup();
        Engines engines = setup.Engines ?? new Engines
        {
            Metadata = setup.Metadata,
            Blobs = setup.Blobs ?? new MemoryBlobStore(setup.Time),
            Health = new StoreHealth(),
            DataPath = setup.DataPath,
            DisksPath = Path.Combine(setup.DataPath, "disks"),
            Devices = setup.Devices,
        };
        AuditLog audit = AuditLog.Open(setup.Options, setup.Time, NullLogger<LineLog>.Instance);
        ServerIdentity identity = await ServerIdentity.OpenAsync(
            setup.Options,
            new IdentityFiles(Path.Combine(setup.DataPath, "master.key"), Path.Combine(setup.DataPath, "root-credentials.json")),
            engines.Rows,
            setup.Time,
            SystemRandomSource.Instance,
            cancellationToken);
        audit.AddStart(setup.Options, identity.Root, setup.Time);
        TarnHost host = Composition.Create(setup.Options, engines, identity, audit, setup.Otlp, setup.Time, setup.Console, builder =>
        {
            if (!setup.Background)
            {
                RemoveBackground(builder.Services);
            }

            setup.More?.Invoke(builder);
        });
        var server = new InProcessServer(engines, identity, audit, host);
        try
        {
            await host.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns a service of the host.</summary>
    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Stops the server as a signal does: what it serves is finished, and reported. Disposing it alone cuts connections.</summary>
    public async Task StopAsync()
    {
        Get<IHostApplicationLifetime>().StopApplication();
        await Host.WaitForShutdownAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _audit.Dispose();
        _identity.Dispose();
        await _engines.DisposeAsync();
    }

    private static void RemoveBackground(IServiceCollection services)
    {
        foreach (ServiceDescriptor work in services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.IsSubclassOf(typeof(BackgroundWork)) == true).ToArray())
        {
            services.Remove(work);
        }
    }
}

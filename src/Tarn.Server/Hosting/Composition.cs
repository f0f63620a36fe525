using Tarn.Core;
using Tarn.S3;
using Tarn.Server.Acceleration;
using Tarn.Server.Auditing;
using Tarn.Server.Background;
using Tarn.Server.Backups;
using Tarn.Server.Configuration;
using Tarn.Server.Control;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Federation;
using Tarn.Server.Identity;
using Tarn.Server.Jobs;
using Tarn.Server.Proxies;
using Tarn.Server.Requests;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;
using Tarn.Server.Web;

namespace Tarn.Server.Hosting;

/// <summary>Composes the server, for the program and for tests.</summary>
internal static class Composition
{
    /// <param name="options">The settings.</param>
    /// <param name="engines">The open engines. The caller keeps ownership, and closes them after the host.</param>
    /// <param name="identity">The open identity store. The caller keeps ownership.</param>
    /// <param name="audit">The open audit log. The caller keeps ownership, and closes it after the host.</param>
    /// <param name="otlp">The settings of the OTLP export.</param>
    /// <param name="time">The clock.</param>
    /// <param name="console">The console; null for a server without one.</param>
    /// <param name="more">Adds or replaces registrations.</param>
    /// <exception cref="StartupException">The certificate cannot be loaded.</exception>
    public static TarnHost Create(
        ServerOptions options, Engines engines, ServerIdentity identity, AuditLog audit, OtlpSettings otlp, TimeProvider time, ConsoleFiles? console, Action<WebApplicationBuilder>? more = null)
    {
        TarnHost? host = null;
        host = TarnHost.Create(options, otlp, time, builder =>
        {
            builder.Services
                .AddTarnStorage(engines)
                .AddTarnIdentity(identity)
                .AddTarnS3(new S3ServiceOptions(options.Region, options.Domains) { ObjectOwnership = options.ObjectOwnership, SignatureV2 = options.SignatureV2 })
                .AddTarnFederation(options)
                .AddTarnRequestLogs(options, audit)
                .AddTarnRequests()
                .AddTarnAcceleration()
                .AddTarnBackups()
                .AddSingleton<JobScheduler>()
                .AddTarnControl(new ControlOptions(options.Region, () => options.ShareBase?.AbsoluteUri ?? host!.ControlUrl) 
                {
                    S3Base = () => options.Proxies.External?.Uri.AbsoluteUri ?? host!.S3Url,
                    Addresses = () => (host!.S3Url, host.ControlUrl),
                })
                .AddTarnBackground(engines)
                .AddSingleton(provider => new ConsolePage(
                    console,
                    provider.GetRequiredService<ConsoleOrigins>(),
                    provider.GetRequiredService<IRandomSource>()))
                .AddSingleton<IS3Handler, S3Requests>()
                .AddSingleton<ControlMap>(static routes => routes.MapTarnControl());
            more?.Invoke(builder);
        });
        return host;
    }
}

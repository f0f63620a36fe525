using System.Diagnostics;
using Tarn.S3;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.Server.Accelerator.Peers;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Hosting;

namespace Tarn.Server.Accelerator;

/// <summary>The middleware of a request in order, from its admission to the handler.</summary>
internal static class AcceleratorPipeline
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void UseAccelerator(this WebApplication app)
    {
        IServiceProvider services = app.Services;
        AcceleratorCapacity capacity = services.GetRequiredService<AcceleratorCapacity>();
        AcceleratorHandler handler = services.GetRequiredService<AcceleratorHandler>();
        TimeProvider time = services.GetRequiredService<TimeProvider>();
        AnswerRefusals(app);
        app.Lifetime.ApplicationStopping.Register(capacity.StartDraining);

        ILogger<UnreadBodies> bodies = services.GetRequiredService<ILogger<UnreadBodies>>();
        app.Use(next => new UnreadBodies(next, time, bodies, app.Lifetime.ApplicationStopping).InvokeAsync);
        var s3 = new Admission(capacity.S3Budget, handler.RefuseBusyAsync, time);
        RequestDelegate handle = handler.HandleAsync;
        var metrics = new Admission(
            capacity.MetricsBudget,
            static http => new TextAnswer(StatusCodes.Status503ServiceUnavailable, "busy\n").ExecuteAsync(http),
            time);

        var peers = new Admission(
            capacity.PeersBudget,
            static http =>
            {
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return Task.CompletedTask;
            },
            time);
        RequestDelegate answerPeer = services.GetRequiredService<PeerAnswer>().HandleAsync;

        // S3 has no routing: it sees the target as it was sent.
        app.Use(next => http => http.Features.Get<ListenerRole>() is var role && ReferenceEquals(role, ListenerRole.S3) ? s3.RunAsync(http, handle)
            : ReferenceEquals(role, ListenerRole.Peers) ? peers.RunAsync(http, answerPeer)
            : metrics.RunAsync(http, next));
        app.UseRouting();
        ServerLifetime lifetime = services.GetRequiredService<ServerLifetime>();
        app.MapMethods("/health/live", Methods, HealthEndpoints.Live);
        ZoneState zone = services.GetRequiredService<ZoneState>();
        app.MapMethods("/health/ready", Methods, () => Ready(lifetime, zone));
        MetricsEndpoint.Map(app);
    }

    private static TextAnswer Ready(ServerLifetime lifetime, ZoneState zone) => lifetime.IsStopping
        ? new TextAnswer(StatusCodes.Status503ServiceUnavailable, "stopping\n")
        : !zone.IsRegistered
        ? new TextAnswer(StatusCodes.Status503ServiceUnavailable, "not registered with the server\n")
        : new TextAnswer(StatusCodes.Status200OK, "ready\n");

    /// <summary>What Kestrel itself refuses is answered as a server answers it.</summary>
    private static void AnswerRefusals(WebApplication app)
    {
        IServiceProvider services = app.Services;
        IDisposable refusals = S3Service.AnswerRefusals(
            services.GetRequiredService<DiagnosticListener>(),
            services.GetRequiredService<RequestIds>(),
            new S3Domains(services.GetRequiredService<AcceleratorOptions>().Domains),
            static features => ReferenceEquals(features.Get<ListenerRole>(), ListenerRole.S3),
            static _ => false);
        app.Lifetime.ApplicationStopped.Register(refusals.Dispose);
    }
}

using Tarn.Core.Acceleration;
using Tarn.S3;
using Tarn.S3.Wire;
using Tarn.Server.Acceleration;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Control;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Proxies;
using Tarn.Server.Web;

namespace Tarn.Server.Hosting;

/// <summary>The middleware of a request in order, from its admission to the handler.</summary>
internal static class RequestPipeline
{
    public static void UseTarn(this WebApplication app)
    {
        IServiceProvider services = app.Services;
        ServerOptions options = services.GetRequiredService<ServerOptions>();
        HostCapacity capacity = services.GetRequiredService<HostCapacity>();
        HealthEndpoints health = services.GetRequiredService<HealthEndpoints>();
        IS3Handler handler = services.GetRequiredService<IS3Handler>();
        TimeProvider time = services.GetRequiredService<TimeProvider>();
        var s3Admission = new Admission(capacity.S3Budget, handler.RefuseBusyAsync, time);
        RequestDelegate s3 = context => s3Admission.RunAsync(context, handler.HandleAsync);
        if (options.S3HealthPath is { } path)
        {
            // Before admission: a load balancer must not mistake a busy server for one that is down.
            s3 = health.Before(s3, path);
        }

        ILogger<UnreadBodies> bodies = services.GetRequiredService<ILogger<UnreadBodies>>();
        app.Use(next => new UnreadBodies(next, time, bodies, app.Lifetime.ApplicationStopping).InvokeAsync);
        RequestDelegate node = s3;
        if (options.Accelerators is not null)
        {
            S3Service service = services.GetRequiredService<S3Service>();
            AcceleratorTokens tokens = services.GetRequiredService<AcceleratorTokens>();
            NodeRequests nodes = services.GetRequiredService<NodeRequests>();
            EnvelopeRefusals refusals = services.GetRequiredService<EnvelopeRefusals>();
            app.Use(next => new Envelopes(next, service, tokens, refusals).InvokeAsync);
            node = context => s3Admission.RunAsync(context, nodes.HandleAsync);
        }

        if (options.Proxies.IsConfigured)
        {
            app.Use(next => new ForwardedRequests(next, options, ControlHeaders.Set).InvokeAsync);
        }

        // Before whatever else may refuse a request, so that the page can say why.
        app.Use(next =>
        {
            RequestDelegate cors = new ConsoleCors(next, services.GetRequiredService<ConsoleOrigins>()).InvokeAsync;
            return context =>
            {
                if (ListenerRole.ServesS3(context))
                {
                    return cors(context);
                }

                ControlHeaders.Set(context.Response);
                return next(context);
            };
        });
        if (options.UsesDevKey)
        {
            app.Use(next => new DevGate(next, handler).InvokeAsync);
        }

        var controlAdmission = new Admission(capacity.ControlBudget, ControlListener.RefuseBusyAsync, time);
        app.Use(next => context =>
            context.Features.Get<NodeCall>() is not null ? node(context)
            : ListenerRole.ServesS3(context) ? s3(context)
            : RequestFraming.Fault(context.Request) is { } fault ? ControlListener.RefuseFramingAsync(context, fault)
            : controlAdmission.RunAsync(context, next));
        // Routing starts after the fork: S3 has its own, and must see the request target as it was sent.
        app.UseRouting();
        if (services.GetService<ConsolePage>() is { } page)
        {
            app.Use(next => context => context.GetEndpoint() is null ? page.InvokeAsync(context) : next(context));
        }

        app.MapTarnHealth(health);
        foreach (ControlMap map in services.GetServices<ControlMap>())
        {
            map(app);
        }
    }
}

using Tarn.Server.Control.Archil;
using Tarn.Server.Control.CoreWeave;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Control.Endpoints;

/// <summary>Every route of the control API.</summary>
internal static class ControlRoutes
{
    /// <summary>Maps health and metrics, which every host has.</summary>
    public static void MapTarnHealth(this IEndpointRouteBuilder routes, HealthEndpoints health)
    {
        health.Map(routes);
        MetricsEndpoint.Map(routes);
    }

    /// <summary>Maps the endpoints, and refuses any other path in the envelope.</summary>
    /// <returns>The group of endpoints that authenticate the requester.</returns>
    public static RouteGroupBuilder MapTarnControl(this IEndpointRouteBuilder routes)
    {
        IServiceProvider services = routes.ServiceProvider;
        RouteGroupBuilder api = routes.MapGroup("")
            .AddEndpointFilter(services.GetRequiredService<AnswerFilter>())
            .AddEndpointFilter(services.GetRequiredService<AuthenticationFilter>())
            .WithMetadata(new Authenticated())
            .Refuses(401, 403, 500, 503);

        services.GetRequiredService<OrganizationEndpoints>().Map(api);
        services.GetRequiredService<UserEndpoints>().Map(api);
        services.GetRequiredService<PolicyEndpoints>().Map(api);
        services.GetRequiredService<IssuerEndpoints>().Map(api);
        services.GetRequiredService<RoleEndpoints>().Map(api);
        services.GetRequiredService<AccessKeyEndpoints>().Map(api);
        services.GetRequiredService<TokenEndpoints>().Map(api);
        services.GetRequiredService<ApplicationEndpoints>().Map(api);
        services.GetRequiredService<DiskEndpoints>().Map(api);
        services.GetRequiredService<DiskSettingEndpoints>().Map(api);
        services.GetRequiredService<DiskFileEndpoints>().Map(api);
        services.GetRequiredService<DiskUploadEndpoints>().Map(api);
        services.GetRequiredService<DiskUserEndpoints>().Map(api);
        services.GetRequiredService<DiskShareEndpoint>().Map(api);
        services.GetRequiredService<BucketEndpoints>().Map(api);
        services.GetRequiredService<SampleEndpoints>().Map(api);
        services.GetRequiredService<BucketMetricsEndpoint>().Map(api);
        services.GetRequiredService<RequestEndpoints>().Map(api);
        services.GetRequiredService<ShareEndpoints>().Map(api);
        services.GetRequiredService<AccessEndpoints>().Map(api);
        services.GetRequiredService<ExplainedRequestEndpoint>().Map(api);
        services.GetRequiredService<TraceEndpoint>().Map(api);
        services.GetRequiredService<ScrubEndpoints>().Map(api);
        services.GetRequiredService<OrphanEndpoints>().Map(api);
        services.GetRequiredService<DamagedEndpoints>().Map(api);
        services.GetRequiredService<BackupEndpoints>().Map(api);
        services.GetRequiredService<JobEndpoints>().Map(api);
        services.GetRequiredService<ArchiveEndpoints>().Map(api);
        services.GetRequiredService<MirrorEndpoints>().Map(api);
        services.GetRequiredService<AcceleratorEndpoints>().Map(api);
        services.GetRequiredService<StatusEndpoints>().Map(api);
        services.GetRequiredService<CoreWeaveKeyEndpoints>().Map(api);
        services.GetRequiredService<CoreWeavePolicyEndpoints>().Map(api);
        services.GetRequiredService<RunEndpoints>().Map(api);
        services.GetRequiredService<PresignEndpoint>().Map(api);

        RouteGroupBuilder anonymous = routes.MapGroup("")
            .AddEndpointFilter(services.GetRequiredService<AnswerFilter>())
            .AddEndpointFilter(services.GetRequiredService<AnonymousFilter>())
            .Refuses(500, 503);
        services.GetRequiredService<OidcEndpoints>().Map(anonymous);

        RouteGroupBuilder proving = anonymous.MapGroup("").Refuses(401, 403);
        services.GetRequiredService<CoreWeaveTemporaryKeyEndpoints>().Map(api, proving);
        services.GetRequiredService<SessionEndpoints>().Map(api, proving);

        services.GetRequiredService<SharedEndpoint>().Map(routes);
        services.GetRequiredService<ApiDocument>().Map(routes);
        services.GetRequiredService<ApiPage>().Map(routes);
        routes.Map("/api/{**rest}", context => Answers.WriteFailureAsync(
            context, StatusCodes.Status404NotFound, $"there is no endpoint {context.Request.Method} {context.Request.Path}"));
        return api;
    }
}

using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tarn.Core;
using Tarn.Server.Control.Archil;
using Tarn.Server.Control.CoreWeave;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Control.Endpoints;

/// <summary>Registers the control API with the services of a host.</summary>
internal static class ControlServices
{
    /// <summary>
    /// Adds the endpoints and what they share. They need the stores and the services that decide about requests.
    /// </summary>
    public static IServiceCollection AddTarnControl(this IServiceCollection services, ControlOptions options)
    {
        services.TryAddSingleton<IRandomSource>(SystemRandomSource.Instance);
        return ApiDocument.AddTo(services)
            .AddSingleton<ApiPage>()
            .AddSingleton(options)
            .AddSingleton<JsonSerializerContext>(ControlJson.Default)
            .AddSingleton<ControlAuthenticator>()
            .AddSingleton<LastingRights>()
            .AddSingleton<ControlBodyReader>()
            .AddSingleton<AuthenticationFilter>()
            .AddSingleton<AnswerFilter>()
            .AddTarnApi()
            .AddArchilApi()
            .AddSingleton<SharedEndpoint>()
            .AddSingleton<CoreWeaveKeyEndpoints>()
            .AddSingleton<CoreWeavePolicyEndpoints>();
    }

    private static IServiceCollection AddTarnApi(this IServiceCollection services) => services
        .AddSingleton<OrganizationEndpoints>()
        .AddSingleton<UserEndpoints>()
        .AddSingleton<AccessKeyEndpoints>()
        .AddSingleton<PolicyEndpoints>()
        .AddSingleton<ShareMaker>()
        .AddSingleton<ShareEndpoints>()
        .AddSingleton<PrincipalFinder>()
        .AddSingleton<DeniedRequests>()
        .AddSingleton<SupposedRequests>()
        .AddSingleton<AccessEndpoints>()
        .AddSingleton<ExplainedRequestEndpoint>()
        .AddSingleton<TraceEndpoint>()
        .AddSingleton<ScrubEndpoints>()
        .AddSingleton<OrphanEndpoints>()
        .AddSingleton<BucketEndpoints>()
        .AddSingleton<SampleEndpoints>()
        .AddSingleton<BucketMetricsEndpoint>()
        .AddSingleton<RequestEndpoints>()
        .AddSingleton<DamagedEndpoints>()
        .AddSingleton<BackupEndpoints>()
        .AddSingleton<MirrorEndpoints>()
        .AddSingleton<StatusEndpoints>();

    private static IServiceCollection AddArchilApi(this IServiceCollection services) => services
        .AddSingleton<TokenEndpoints>()
        .AddSingleton<AdministeredDisks>()
        .AddSingleton<DiskEndpoints>()
        .AddSingleton<DiskSettingEndpoints>()
        .AddSingleton<DiskUserEndpoints>()
        .AddSingleton<DiskShareEndpoint>()
        .AddSingleton<RunEndpoints>();
}

using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tarn.Backends.Files;
using Tarn.Core;
using Tarn.Server.Control.Archil;
using Tarn.Server.Control.CoreWeave;
using Tarn.Server.Control.Tarn;
using Tarn.Server.Storage;

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
            .AddSingleton<ConsoleSessions>()
            .AddSingleton<ForgedRequests>()
            .AddSingleton<ControlAuthenticator>()
            .AddSingleton<LastingRights>()
            .AddSingleton<ControlBodyReader>()
            .AddSingleton<StreamedBodies>()
            .AddSingleton<AuthenticationFilter>()
            .AddSingleton<AnonymousFilter>()
            .AddSingleton<AnswerFilter>()
            .AddTarnApi()
            .AddArchilApi()
            .AddSingleton<SharedEndpoint>()
            .AddSingleton<SignInLimits>()
            .AddSingleton<SessionViews>()
            .AddSingleton<SessionEndpoints>()
            .AddSingleton<PresignEndpoint>()
            .AddSingleton<CoreWeaveKeyEndpoints>()
            .AddSingleton<CoreWeaveTemporaryKeyEndpoints>()
            .AddSingleton<CoreWeavePolicyEndpoints>();
    }

    private static IServiceCollection AddTarnApi(this IServiceCollection services) => services
        .AddSingleton<OrganizationEndpoints>()
        .AddSingleton<UserEndpoints>()
        .AddSingleton<AccessKeyEndpoints>()
        .AddSingleton<PolicyEndpoints>()
        .AddSingleton<ApplicationEndpoints>()
        .AddSingleton<IssuerEndpoints>()
        .AddSingleton<RoleEndpoints>()
        .AddSingleton<PendingArchives>()
        .AddSingleton<ArchiveEndpoints>()
        .AddSingleton<SignInCookies>()
        .AddSingleton<OidcEndpoints>()
        .AddSingleton<ShareMaker>()
        .AddSingleton<VisibleBuckets>()
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
        .AddSingleton<JobEndpoints>()
        .AddSingleton<MirrorEndpoints>()
        .AddSingleton<AcceleratorEndpoints>()
        .AddSingleton(static provider => new SpaceProbe(FileSystemSpace.Of, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<StatusEndpoints>();

    private static IServiceCollection AddArchilApi(this IServiceCollection services) => services
        .AddSingleton<TokenEndpoints>()
        .AddSingleton<AdministeredDisks>()
        .AddSingleton<DiskEndpoints>()
        .AddSingleton<DiskSettingEndpoints>()
        .AddSingleton<DiskFileEndpoints>()
        .AddSingleton<DiskUploadEndpoints>()
        .AddSingleton<DiskUserEndpoints>()
        .AddSingleton<DiskShareEndpoint>()
        .AddSingleton<RunEndpoints>();
}

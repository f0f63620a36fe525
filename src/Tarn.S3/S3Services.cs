using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.S3.Access;
using Tarn.S3.Archives;
using Tarn.S3.Auth;
using Tarn.S3.Auth.SigV2;
using Tarn.S3.Cors;
using Tarn.S3.Documents;
using Tarn.S3.Forms;
using Tarn.S3.Jobs;
using Tarn.S3.Operations;
using Tarn.S3.Operations.Buckets;
using Tarn.S3.Operations.Disks;
using Tarn.S3.Operations.Objects;
using Tarn.S3.Operations.Service;
using Tarn.S3.Operations.Settings;
using Tarn.S3.Pipeline;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Sharing;
using Tarn.S3.Sts;
using Tarn.S3.Telemetry;

namespace Tarn.S3;

/// <summary>Registers the S3 protocol and share links. All services are singletons.</summary>
public static class S3Services
{
    /// <summary>Registers <see cref="S3Service"/>, the operations behind it, and <see cref="ShareService"/>.</summary>
    /// <param name="services">The service collection; it must have the stores and their parts, the clock and the sources of identities.</param>
    /// <param name="options">The operator's settings for the S3 protocol.</param>
    public static IServiceCollection AddTarnS3(this IServiceCollection services, S3ServiceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return services
            .AddAuthentication(options)
            .AddAccess()
            .AddOperations(options)
            .AddJobs()
            .AddSingleton(new S3Domains(options.Domains))
            .AddSingleton<RequestIds>()
            .AddSingleton<CorsGate>()
            .AddSingleton(provider => CreateRegion(options.Region, provider))
            .AddSingleton(static provider => new DocumentBudget(provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<StsService>()
            .AddSingleton(OperationSet.Create)
            .AddSingleton<RequestResolver>()
            .AddSingleton<UnknownHosts>()
            .AddSingleton<Refusals>()
            .AddSingleton<FinishedRequests>()
            .AddSingleton<OutcomeRecorder>()
            .AddSingleton<S3Middleware>()
            .AddSingleton(static provider => new S3Service(
                provider.GetRequiredService<S3Middleware>(), provider.GetRequiredService<RequestIds>(), provider.GetRequiredService<S3Domains>()))
            .AddSingleton<ShareService>();
    }

    private static BucketRegion CreateRegion(string name, IServiceProvider provider)
    {
        (DiskCatalog disks, Organizations organizations) = (provider.GetRequiredService<DiskCatalog>(), provider.GetRequiredService<Organizations>());
        return new BucketRegion(name, provider.GetRequiredService<BucketCatalog>(), async (id, cancellationToken) =>
            await disks.FindAsync(id, cancellationToken) is { } disk && await organizations.FindAsync(disk.Organization, cancellationToken) is { } owner
                ? new DiskBucket(disk, owner.CanonicalId, owner.Name)
                : null);
    }

    private static IServiceCollection AddAuthentication(this IServiceCollection services, S3ServiceOptions options) => services
        .AddSingleton(options.SignatureV2)
        .AddSingleton(OperationTable.Parameters)
        .AddSingleton<UploadBodyFactory>()
        .AddSingleton(static provider => new SignatureV2Usage(provider.GetRequiredService<ILogger<SignatureV2Usage>>()))
        .AddSingleton<SigV2Authenticator>()
        .AddSingleton(provider => new Authenticator(
            provider.GetRequiredService<ICredentialSource>(),
            provider.GetRequiredService<TimeProvider>(),
            options.Region,
            tokens: provider.GetService<ITokenSource>(),
            version2: provider.GetRequiredService<SigV2Authenticator>()))
        .AddSingleton<IRequestAuthenticator, RequestAuthenticator>()
        .AddSingleton(provider => new FormAuthenticator(
            provider.GetRequiredService<ICredentialSource>(),
            provider.GetRequiredService<UploadBodyFactory>(),
            provider.GetRequiredService<TimeProvider>(),
            options.Region,
            provider.GetRequiredService<SigV2Authenticator>()));

    private static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.TryAddSingleton(new DenialLog());
        return services
            .AddSingleton<Denials>()
            .AddSingleton<AccessDecider>()
            .AddSingleton<AccessChecks>()
            .AddSingleton<RequestedBuckets>()
            .AddSingleton<OrganizationAccess>()
            .AddSingleton<UploadInitiators>()
            .AddSingleton<Authorizer>()
            .AddSingleton<IRequestAuthorizer>(static provider => new DiskGate(
                provider.GetRequiredService<DiskCatalog>(), provider.GetRequiredService<Authorizer>(), provider.GetRequiredService<Denials>()))
            .AddSingleton(static provider => new AccessExplainer(
                provider.GetRequiredService<BucketCatalog>(),
                provider.GetRequiredService<AccessDecider>(),
                provider.GetRequiredService<TimeProvider>(),
                OperationTable.Permission))
            .AddSingleton(static provider => new BucketRights(
                provider.GetRequiredService<BucketCatalog>(),
                provider.GetRequiredService<AccessDecider>(),
                provider.GetRequiredService<TimeProvider>(),
                OperationTable.Permission))
            .AddSingleton(static provider => new ArchivePlaces(
                provider.GetRequiredService<ObjectStore>(),
                provider.GetRequiredService<DiskStore>(),
                provider.GetRequiredService<AccessDecider>(),
                provider.GetRequiredService<TimeProvider>(),
                OperationTable.Permission))
            .AddSingleton(static provider => new ArchiveStream(new ArchiveReports(
                provider.GetRequiredService<FinishedRequests>(), provider.GetRequiredService<RequestIds>(), provider.GetRequiredService<TimeProvider>())))
            .AddSingleton<GranteeResolver>()
            .AddSingleton<AclHeaders>()
            .AddSingleton<AclXml>()
            .AddSingleton<AclRequest>()
            .AddSingleton<UploadAccess>();
    }

    private static IServiceCollection AddJobs(this IServiceCollection services)
    {
        services.TryAddSingleton(new JobOptions());
        return services
            .AddSingleton<JobAccess>()
            .AddSingleton<JobPace>()
            .AddSingleton(static provider => new JobRequests(
                provider.GetRequiredService<JobAccess>(), provider.GetRequiredService<JobRequesters>(), provider.GetRequiredService<BucketCountReader>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(static provider =>
            {
                ObjectReader reader = provider.GetRequiredService<ObjectReader>();
                ObjectCopier copier = provider.GetRequiredService<ObjectCopier>();
                ObjectDeleter deleter = provider.GetRequiredService<ObjectDeleter>();
                JobWalk walk = provider.GetRequiredService<JobWalk>();
                var deletes = new DeleteWork(deleter);
                var copies = new CopyWork(reader, copier, deleter);
                return new JobRunner(
                    provider.GetRequiredService<JobStore>(),
                    walk,
                    provider.GetRequiredService<JobAccess>(),
                    provider.GetRequiredService<JobPace>(),
                    provider.GetRequiredService<JobOptions>(),
                    provider.GetRequiredService<TimeProvider>(),
                    new Dictionary<JobKind, IJobWork>
                    {
                        [JobKind.Delete] = deletes,
                        [JobKind.Empty] = deletes,
                        [JobKind.Copy] = copies,
                        [JobKind.Rename] = copies,
                        [JobKind.Tag] = new TagWork(reader, provider.GetRequiredService<ObjectAmender>()),
                        [JobKind.Restore] = new RestoreWork(walk, reader, copier),
                    });
            });
    }

    private static IServiceCollection AddOperations(this IServiceCollection services, S3ServiceOptions options)
    {
        services
            .AddSingleton<LifecycleHeaders>()
            .AddSingleton<ObjectAnswer>()
            .AddSingleton<ResolvedRead>()
            .AddSingleton<DiskObject>()
            .AddSingleton<BucketLister>()
            .AddSingleton<CopySourceReader>()
            .AddSingleton<SettingTargets>()
            .AddSingleton<AclServices>()
            .AddSingleton(new GetBucketLocation(options.Region))
            .AddSingleton(provider => new ListBuckets(provider.GetRequiredService<BucketCatalog>(), options.Region, provider.GetRequiredService<ILogger<ListBuckets>>()))
            .AddSingleton(provider => new CreateBucket(
                provider.GetRequiredService<BucketCatalog>(), provider.GetRequiredService<AclHeaders>(), options.Region, options.ObjectOwnership));
        foreach (ServedOperation operation in OperationTable.Served)
        {
            operation.Register(services);
        }

        return services;
    }
}

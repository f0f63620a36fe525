using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Core;
using Tarn.Core.Access;
using Tarn.Core.Blobs;
using Tarn.Core.Disks;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Lifecycle;
using Tarn.Core.Sharing;
using Tarn.Core.Storage;
using Tarn.S3;
using Tarn.S3.Access;
using Tarn.S3.Sharing;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Storage;
using Tarn.Server.Identity;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>
/// Where the S3 protocol meets the stores: opens the engines that the options name over the data directory, handles every
/// request of the S3 listener, and reclaims in the background.
/// </summary>
internal sealed partial class S3Endpoint : IAsyncDisposable
{
    private readonly IKeyValueStore _metadata;
    private readonly IBlobStore _blobs;
    private readonly S3Service _service;
    private readonly Uri? _shareBase;
    private readonly LifecycleMetrics _lifecycleMetrics;
    private readonly StorageWatch _storage;
    private readonly Task _maintenance;
    private readonly CancellationTokenSource _stopping = new();

    private S3Endpoint(
        IKeyValueStore metadata, IBlobStore blobs, DiskStore disks, ServerIdentity identity, DenialLog denials, S3Service service, ObjectStore store,
        ShareLinks links, ShareService sharing, StorageWatch storage, Uri? shareBase, TimeProvider clock, ILogger logger)
    {
        _storage = storage;
        Objects = store;
        Links = links;
        Sharing = sharing;
        _shareBase = shareBase;
        Identity = identity;
        Disks = disks;
        Denials = denials;
        _metadata = metadata;
        _blobs = blobs;
        _service = service;
        _lifecycleMetrics = new LifecycleMetrics(store.Lifecycle.Tally);
        _maintenance = Task.WhenAll(
            Task.Run(() => MaintainAsync(store, clock.GetUtcNow(), logger, _stopping.Token)),
            Task.Run(() => CountOrphansAsync(store, logger, _stopping.Token)),
            Task.Run(() => ApplyLifecyclesAsync(store, logger, _stopping.Token)),
            Task.Run(() => SweepLinksAsync(links, logger, _stopping.Token)),
            Task.Run(() => PolicyAudit.RunAsync(new StoredPolicyAudit(identity.Store, store.Buckets), logger, _stopping.Token)),
            Task.Run(() => storage.RunAsync(_stopping.Token)));
    }

    /// <summary>Who may use it.</summary>
    public ServerIdentity Identity { get; }

    /// <summary>The disks that it shows.</summary>
    public DiskStore Disks { get; }

    /// <summary>The rows of everything.</summary>
    public IKeyValueStore Metadata => _metadata;

    /// <summary>The object buckets that it serves.</summary>
    public ObjectStore Objects { get; }

    /// <summary>The share links there are.</summary>
    public ShareLinks Links { get; }

    /// <summary>Answers share links, on whichever listener they come in.</summary>
    public ShareService Sharing { get; }

    /// <summary>Why requests were denied.</summary>
    public DenialLog Denials { get; }

    /// <summary>Tells what would be decided about a request.</summary>
    public AccessExplainer Explainer => _service.Explainer;

    /// <exception cref="StartupException">A store cannot be opened, or its secrets cannot be decrypted.</exception>
    public static async Task<S3Endpoint> OpenAsync(
        ServerOptions options, DataDirectory data, int metadataFiles, StoreHealth health, TimeProvider clock, IRandomSource random, ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        bool durable = options.Durability == Durability.Full;
        RocksDbKeyValueStore? metadata = MetadataStore.Open(data, options, metadataFiles, health, loggers.CreateLogger(typeof(MetadataStore)));
        ServerIdentity? identity = null;
        DiskStore? disks = null;
        try
        {
            data.RaiseFormat();
            identity = await ServerIdentity.OpenAsync(options, data, metadata, clock, random, cancellationToken);
            var blobs = new FileBlobStore(data.Blobs, durable);
            var store = new ObjectStore(metadata, blobs, clock, random, Options(options));
            disks = OpenDisks(data, options.DiskRoots, metadata, clock, random, loggers.CreateLogger<DiskStore>());
            var denials = new DenialLog();
            var service = new S3Service(
                store,
                disks,
                new S3Identity(
                    identity.Credentials, new StoredAccounts(identity.Store), new StoredOrganizationPolicies(identity.Store), denials)
                {
                    Tokens = identity.Store.Tokens,
                },
                new S3ServiceOptions(options.Region, options.Domains) { ObjectOwnership = options.ObjectOwnership, SignatureV2 = options.SignatureV2 },
                clock,
                random,
                loggers);
            var links = new ShareLinks(metadata, identity.Secrets, clock, random);
            var sharing = new ShareService(links, disks, store, identity.Store.Organizations, clock, loggers);
            var storage = new StorageWatch(data, metadata, store.Reclaim, store.Orphans, clock, loggers.CreateLogger<StorageWatch>());
            var endpoint = new S3Endpoint(
                metadata, blobs, disks, identity, denials, service, store, links, sharing, storage, options.ShareBase, clock, loggers.CreateLogger<S3Endpoint>());
            (metadata, disks, identity) = (null, null, null);
            return endpoint;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"cannot open the stores in {data.Root}: {e.Message}", e);
        }
        finally
        {
            identity?.Dispose();
            disks?.Dispose();
            if (metadata is not null)
            {
                await metadata.DisposeAsync();
            }
        }
    }

    /// <summary>Registers what the control API takes.</summary>
    public IServiceCollection AddTo(IServiceCollection services) => services
        .AddSingleton(Identity.Store)
        .AddSingleton(Identity.Credentials)
        .AddSingleton<IAccountDirectory>(new StoredAccounts(Identity.Store))
        .AddSingleton(Disks)
        .AddSingleton(new DiskUsers(Metadata, Identity.Store, Disks.Catalog))
        .AddSingleton(Links)
        .AddSingleton(Sharing)
        .AddSingleton(Objects)
        .AddSingleton(Explainer)
        .AddSingleton(Denials);

    public IDisposable AnswerRefusals(System.Diagnostics.DiagnosticListener events) =>
        _service.AnswerRefusals(events, static features => ReferenceEquals(features.Get<ListenerRole>(), ListenerRole.S3));

    public Task HandleAsync(HttpContext context) =>
        ShareToken(context) is { } token ? Sharing.HandleAsync(context, token) : _service.HandleAsync(context);

    /// <summary>Answers a request for which there is no room among those in flight.</summary>
    public Task RefuseBusyAsync(HttpContext context) =>
        ShareToken(context) is not null ? Sharing.RefuseBusyAsync(context) : _service.RefuseBusyAsync(context);

    /// <summary>Closes the stores; called once no request is in flight.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _maintenance;
        _lifecycleMetrics.Dispose();
        _storage.Dispose();
        Identity.Dispose();
        Disks.Dispose();
        await _metadata.DisposeAsync();
        await _blobs.DisposeAsync();
        _stopping.Dispose();
    }

    /// <summary>What an earlier process left is removed first; this process has the directory to itself.</summary>
    private static async Task MaintainAsync(ObjectStore store, DateTimeOffset startedAt, ILogger logger, CancellationToken stopping)
    {
        try
        {
            await store.Reclaim.RunAsync(startedAt, e => LogUnlessFailed(e, LogReclaimFailed, logger), stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops; what is left to reclaim is still on record.
        }
    }

    private static async Task CountOrphansAsync(ObjectStore store, ILogger logger, CancellationToken stopping)
    {
        try
        {
            await store.Orphans.RunAsync(e => LogUnlessFailed(e, LogOrphansFailed, logger), stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops; the count goes on from its cursor when it starts again.
        }
    }

    private static DiskStore OpenDisks(
        DataDirectory data, IReadOnlyList<DiskRoot> roots, IKeyValueStore metadata, TimeProvider clock, IRandomSource random, ILogger logger) => new(
        new DiskCatalog(metadata, new DiskPlaces(data.Disks, data.Root, roots), clock, random), new DiskOptions(), clock,
        (disk, reason, path) => LogLeftOut(logger, disk.Id.Value, reason, path),
        (disk, notice, what) => DiskMountLog.Write(logger, disk, notice, what));

    private static ObjectStoreOptions Options(ServerOptions options) =>
        new() { Lifecycle = new LifecycleOptions { Day = new LifecycleDay(options.LifecycleDay), VersionsPerSecond = options.LifecycleRate } };

    private static async Task ApplyLifecyclesAsync(ObjectStore store, ILogger logger, CancellationToken stopping)
    {
        try
        {
            await store.Lifecycle.RunAsync(e => LogUnlessFailed(e, LogLifecycleFailed, logger), stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops; the walk goes on from its cursor when it starts again.
        }
    }

    private static async Task SweepLinksAsync(ShareLinks links, ILogger logger, CancellationToken stopping)
    {
        try
        {
            await links.RunAsync(e => LogUnlessFailed(e, LogSweepFailed, logger), stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops; what has expired opens nothing, and its rows go when it starts again.
        }
    }

    // That a store takes no writes is said once, when it fails: to try again is in vain until a restart.
    private static void LogUnlessFailed(Exception e, Action<ILogger, Exception> log, ILogger logger)
    {
        if (e is not StoreFailedException)
        {
            log(logger, e);
        }
    }

    /// <summary>The token of a share link that came in here; null for a request of S3, which may concern a bucket named api.</summary>
    private string? ShareToken(HttpContext context)
    {
        if (_shareBase is null
            || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            || context.Request.Path.Value is not { } path
            || !string.Equals(context.Request.Host.Value, _shareBase.Authority, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // Of the path of the links' URL a proxy may have taken nothing off, or all of it.
        string below = _shareBase.AbsolutePath.TrimEnd('/') + ShareService.Path;
        return path.StartsWith(ShareService.Path, StringComparison.Ordinal) ? path[ShareService.Path.Length..]
            : path.StartsWith(below, StringComparison.Ordinal) ? path[below.Length..]
            : null;
    }

    [LoggerMessage(EventIds.ShareSweepFailed, LogLevel.Error, "Removing expired share links failed; it is tried again later")]
    private static partial void LogSweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.LifecycleFailed, LogLevel.Error, "Applying lifecycle rules failed; it is tried again later")]
    private static partial void LogLifecycleFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.OrphanCountFailed, LogLevel.Warning, "Counting blobs that no row knows failed; it is tried again in a day")]
    private static partial void LogOrphansFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.ReclaimFailed, LogLevel.Error, "Reclaiming space failed; it is tried again later")]
    private static partial void LogReclaimFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.DiskLeftOut, LogLevel.Warning, "Listings of disk {Disk} leave things out: {Reason}, for one at {Path}; the metric tarn_disk_left_out_total counts them")]
    private static partial void LogLeftOut(ILogger logger, string disk, LeftOutReason reason, string path);
}

using System.Runtime.ExceptionServices;
using Tarn.Backends.Files;
using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.Lifecycle;
using Tarn.Core.Maintenance;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Scrubbing;
using Tarn.Server.Backups;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/status</c>.</summary>
internal sealed class StatusEndpoints(IServiceProvider services, SpaceProbe probe, TimeProvider clock)
{
    private const int Page = 1000;

    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();
    private readonly long _started = clock.GetTimestamp();

    public void Map(RouteGroupBuilder api) => api.MapGroup("/api/status").WithTags("Status").MapGet("", GetAsync).WithName("GetStatus").ForServerAdministrator();

    /// <summary>Shows how the server is: version, space, what it holds, damage, background work and load.</summary>
    public async Task<Data<StatusView>> GetAsync(ControlRequest request)
    {
        ServerOptions options = services.GetRequiredService<ServerOptions>();
        ControlOptions control = services.GetRequiredService<ControlOptions>();
        StoreHealth health = services.GetRequiredService<StoreHealth>();
        DamageList damage = services.GetRequiredService<DamageList>();
        ScrubWorker scrub = services.GetRequiredService<ScrubWorker>();
        HostCapacity capacity = services.GetRequiredService<HostCapacity>();
        await damage.LoadAsync(request.CancellationToken);
        await scrub.LoadAsync(request.CancellationToken);
        string s3 = control.S3Base().TrimEnd('/'), own = control.Addresses().Control;
        StoreSpaceView[] stores = await Task.WhenAll(services.GetRequiredService<Engines>().Devices.SelectMany(devices => SpacesAsync(devices, request.CancellationToken)));
        (HeldView? held, string? heldError) = await HeldAsync(request.CancellationToken);
        return new(new StatusView
        {
            Version = ProgramVersion.Text,
            StartedAt = _startedAt.UtcDateTime,
            UptimeSeconds = (long)clock.GetElapsedTime(_started).TotalSeconds,
            Region = options.Region,
            S3 = s3,
            Control = own,
            UsesDevKey = options.UsesDevKey,
            DataDirectory = options.Data,
            StoreFormat = StoreFormat.Current,
            Stores = stores,
            MetadataFailed = health.HasFailed,
            MetadataDamagedReads = health.DamagedReads,
            Damaged = damage.Count,
            Held = held,
            HeldError = heldError,
            Scrub = ScrubView.Of(scrub.Status),
            ReclaimBacklog = services.GetRequiredService<ReclaimWorker>().Backlog,
            Lifecycle = LifecycleView.Of(services.GetRequiredService<LifecycleWorker>().Tally),
            Backup = BackupStatusView.Of(services.GetRequiredService<BackupJobs>()),
            S3Load = new LoadView(capacity.S3Gate.Open, capacity.S3Gate.Limit, capacity.S3Budget.InFlight),
            ControlLoad = new LoadView(capacity.ControlGate.Open, capacity.ControlGate.Limit, capacity.ControlBudget.InFlight),
        });
    }

    private IEnumerable<Task<StoreSpaceView>> SpacesAsync(StoreDevices stores, CancellationToken cancellationToken) =>
        [SpaceAsync(stores.MetadataName, stores.MetadataPath, cancellationToken), SpaceAsync(stores.BlobsName, stores.BlobsPath, cancellationToken)];

    private async Task<StoreSpaceView> SpaceAsync(string store, string path, CancellationToken cancellationToken)
    {
        try
        {
            FileSystemSpace space = await probe.MeasureAsync(path, cancellationToken);
            return new StoreSpaceView(store, path, space.FreeBytes, space.TotalBytes, space.Inodes > 0 ? space.FreeInodes : null, null);
        }
        catch (IOException e)
        {
            // The rest of the status is needed most when a device does not answer.
            return new StoreSpaceView(store, path, 0, 0, null, e.Message);
        }
    }

    private async ValueTask<(HeldView? Held, string? Error)> HeldAsync(CancellationToken cancellationToken)
    {
        BucketCatalog catalog = services.GetRequiredService<BucketCatalog>();
        BucketCountReader counts = services.GetRequiredService<BucketCountReader>();
        var sum = default(BucketCounts);
        long buckets = 0;
        bool isExact = true;
        try
        {
            await foreach (IReadOnlyList<Bucket> page in catalog.ReadAllAsync(Page, ExceptionDispatchInfo.Throw, cancellationToken))
            {
                (BucketCounts[] held, bool areExact) = await counts.GetAsync([.. page.Select(static bucket => bucket.Id)], cancellationToken);
                sum = held.Aggregate(sum, static (all, one) => all + one);
                isExact &= areExact;
                buckets += page.Count;
            }

            return (HeldView.Of(buckets, sum, isExact), null);
        }
        catch (IOException e)
        {
            // As of a device that does not answer.
            return (null, e.Message);
        }
    }
}

using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.Maintenance;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/buckets</c>.</summary>
internal sealed class BucketEndpoints(VisibleBuckets visible, BucketCountReader counts, Recount recount)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/api/buckets").WithTags("Buckets");
        group.MapGet("", ListAsync).WithName("ListBuckets").ForThoseWhoMayList().WithPaging().Refuses(404)
            .WithQuery("organization", "The organization whose buckets are listed; by default the requester's, or all for the server's root user.");
        group.MapGet("/{bucket}", GetAsync).WithName("GetBucket").ForThoseWhoMayList().Refuses(404);
        group.MapPost("/recount", RecountAsync).WithName("RecountBuckets").ForServerAdministrator();
    }

    /// <summary>Lists buckets with what they hold.</summary>
    /// <remarks>
    /// A page can have fewer buckets than the limit, even none, and still have a nextCursor. A bucket whose row is damaged keeps no other one from being listed: root users see it in a list
    /// of its own.
    /// </remarks>
    public async Task<Data<BucketList>> ListAsync(ControlRequest request)
    {
        (IReadOnlyList<ListedBucket> page, string? next) = await visible.ListAsync(request, request.Query("organization"));
        return new(new BucketList(
            await ViewAsync([.. page.Select(static listed => listed.Bucket).OfType<Bucket>()], request.CancellationToken),
            [.. page.Where(static listed => listed.Damage is not null).Select(static listed => new DamagedBucketView(listed.Name.Value, listed.Damage!.Message))],
            next));
    }

    /// <summary>Shows a bucket and what it holds.</summary>
    /// <param name="bucket">Its name.</param>
    public async Task<Data<BucketView>> GetAsync(ControlRequest request, string bucket) =>
        new((await ViewAsync([await visible.GetAsync(request, bucket)], request.CancellationToken))[0]);

    /// <summary>Has what all buckets hold counted anew, within minutes.</summary>
    /// <remarks>Needed only where a check of the stores found counts to be wrong. Until it has ended the counts are not exact.</remarks>
    public async Task<Done> RecountAsync(ControlRequest request)
    {
        await recount.DemandAsync(request.CancellationToken);
        return Done.Instance;
    }

    private async ValueTask<BucketView[]> ViewAsync(IReadOnlyList<Bucket> shown, CancellationToken cancellationToken)
    {
        (BucketCounts[] held, bool isExact) = await counts.GetAsync([.. shown.Select(static bucket => bucket.Id)], cancellationToken);
        return [.. shown.Zip(held, (bucket, counted) => BucketView.Of(bucket, counted, isExact))];
    }
}

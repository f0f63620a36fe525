using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.Identity;
using Tarn.Core.Maintenance;
using Tarn.Core.Model;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/buckets</c>.</summary>
internal sealed class BucketEndpoints(BucketCatalog buckets, BucketCountReader counts, Recount recount, IdentityStore identity)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/api/buckets").WithTags("Buckets");
        group.MapGet("", ListAsync).WithName("ListBuckets").ForRoot().WithPaging().Refuses(404)
            .WithQuery("organization", "The organization whose buckets are listed; by default the requester's, or all for the server's root user.");
        group.MapGet("/{bucket}", GetAsync).WithName("GetBucket").ForRoot().Refuses(404);
        group.MapPost("/recount", RecountAsync).WithName("RecountBuckets").ForServerAdministrator();
    }

    /// <summary>Lists buckets with what they hold: all for the server's root user, those of its organization for any other root user.</summary>
    public async Task<Data<BucketList>> ListAsync(ControlRequest request)
    {
        string? organization = request.Query("organization");
        int limit = request.Limit();
        IReadOnlyList<Bucket> page = organization is null && request.IsServerAdministrator
            ? await buckets.ListAllAsync(request.Cursor(), limit + 1, request.CancellationToken)
            : await buckets.ListAsync(await OwnerAsync(request, organization), "", request.Cursor(), limit + 1, request.CancellationToken);
        Bucket[] shown = [.. page.Take(limit)];
        return new(new BucketList(await ViewAsync(shown, request.CancellationToken), page.Count > limit ? shown[^1].Name.Value : null));
    }

    /// <summary>Shows a bucket and what it holds.</summary>
    /// <param name="bucket">Its name.</param>
    public async Task<Data<BucketView>> GetAsync(ControlRequest request, string bucket)
    {
        Bucket? found = BucketName.TryParse(bucket, out BucketName name) ? await buckets.FindAsync(name, request.CancellationToken) : null;
        return found is not null && (request.IsServerAdministrator || found.OwnerId == request.Principal.OwnerId)
            ? new((await ViewAsync([found], request.CancellationToken))[0])
            : throw ControlRefusalException.NotFound("there is no such bucket of this organization");
    }

    /// <summary>Has what all buckets hold counted anew, within minutes.</summary>
    /// <remarks>Needed only where a check of the stores found counts to be wrong. Until it has ended the counts are not exact.</remarks>
    public async Task<Done> RecountAsync(ControlRequest request)
    {
        await recount.DemandAsync(request.CancellationToken);
        return Done.Instance;
    }

    private async ValueTask<string> OwnerAsync(ControlRequest request, string? organization)
    {
        string named = request.OrganizationOrOwn(organization);
        return (await identity.Organizations.GetAsync(named, request.CancellationToken)).CanonicalId;
    }

    private async ValueTask<BucketView[]> ViewAsync(Bucket[] shown, CancellationToken cancellationToken)
    {
        (BucketCounts[] held, bool isExact) = await counts.GetAsync([.. shown.Select(static bucket => bucket.Id)], cancellationToken);
        return [.. shown.Zip(held, (bucket, counted) => BucketView.Of(bucket, counted, isExact))];
    }
}

using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Core.Sharing;
using Tarn.Core.Storage;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/shares</c>.</summary>
internal sealed class ShareEndpoints(ShareMaker shares, ShareLinks links, ObjectStore objects)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/api/shares").WithTags("Share links");
        group.MapPost("", CreateAsync).WithName("CreateShareLink").ForRoot().Refuses(404);
        group.MapGet("", ListAsync).WithName("ListShareLinks").WithPaging()
            .WithQuery("disk", "The disk whose links are listed.")
            .WithQuery("bucket", "The bucket whose links are listed; excludes disk.")
            .WithQuery("organization", "The organization whose links are listed; by default the requester's.");
        group.MapDelete("/{id}", RevokeAsync).WithName("RevokeShareLink").Refuses(404);
    }

    /// <summary>Creates a share link to an object of a bucket that the requester's organization owns.</summary>
    public async Task<Data<NewShareView>> CreateAsync(ControlRequest request, JsonBody<ObjectShareBody> body)
    {
        ObjectShareBody wanted = body.Read();
        ShareMaker.Life(wanted.ExpiresIn);
        Bucket? bucket = BucketName.TryParse(wanted.Bucket, out BucketName name)
            ? await objects.Buckets.FindAsync(name, request.CancellationToken)
            : null;
        if (bucket is null || bucket.OwnerId != request.Principal.OwnerId)
        {
            throw ControlRefusalException.NotFound("there is no such bucket of this organization");
        }

        if (!ObjectKey.TryCreate(wanted.Key, out ObjectKey key)
            || await objects.Reader.FindAsync(bucket, key, wanted.VersionId, request.CancellationToken) is not { IsDeleteMarker: false })
        {
            throw ControlRefusalException.NotFound("there is no such object");
        }

        var target = new ShareTarget(bucket.Name.Value, bucket.Id, key.Utf8, wanted.VersionId);
        return new(await shares.CreateAsync(request, request.Principal.OrganizationId, target, wanted.ExpiresIn));
    }

    /// <summary>Lists the share links of an organization, of a disk or of a bucket.</summary>
    public async Task<Data<ShareList>> ListAsync(ControlRequest request)
    {
        string organization = request.OrganizationOrOwn(request.Query("organization"));
        string? disk = request.Query("disk");
        string? bucket = request.Query("bucket");
        if (disk is not null && bucket is not null)
        {
            throw ControlRefusalException.BadRequest("disk and bucket exclude each other");
        }

        ShareLink? after = null;
        if (request.Cursor() is { } cursor
            && ((after = await links.FindAsync(cursor, request.CancellationToken)) is null || after.Organization != organization))
        {
            throw ControlRefusalException.BadRequest("the cursor is not from a previous answer, or its link no longer exists");
        }

        (IReadOnlyList<ShareLink> page, string? next) =
            await links.ListAsync(organization, disk ?? bucket, after, request.Limit(), request.CancellationToken);
        return new(new ShareList([.. page.Select(ShareView.Of)], next));
    }

    /// <summary>Revokes a share link: it stops working at once.</summary>
    /// <param name="id">The link's id.</param>
    public async Task<Done> RevokeAsync(ControlRequest request, string id)
    {
        ShareLink? link = await links.FindAsync(id, request.CancellationToken);
        if (link is null || !request.MayAdminister(link.Organization))
        {
            throw ControlRefusalException.NotFound("there is no such link");
        }

        await links.RevokeAsync(link, request.CancellationToken);
        return Done.Instance;
    }
}

using Tarn.Core.Sharing;

namespace Tarn.Server.Control.Disks;

/// <summary>
/// <c>GET /api/shares</c>: the links of the requester's organization, or of the one that <c>organization</c> names, or those of them into
/// the disk or bucket that <c>disk</c> or <c>bucket</c> names.
/// </summary>
internal static class ListShares
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("GET", "/api/shares", async request =>
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
                && ((after = await services.Links.FindAsync(cursor, request.CancellationToken)) is null || after.Organization != organization))
            {
                throw ControlRefusalException.BadRequest("the cursor is not one that was given out, or its link is gone");
            }

            (IReadOnlyList<ShareLink> links, string? next) =
                await services.Links.ListAsync(organization, disk ?? bucket, after, request.Limit(), request.CancellationToken);
            return ControlAnswer.Of(new ShareList([.. links.Select(ShareView.Of)], next), ControlJson.Default.ShareList);
        });
}

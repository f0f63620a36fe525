using Tarn.Core.Disks;

namespace Tarn.Server.Control.Disks;

/// <summary>
/// <c>GET /api/disks</c>: the disks of the requester's organization, or of the one that <c>organization</c> names, in order of id.
/// <c>cursor</c> is the id of the last disk of the page before; <c>name</c> finds the one disk of that name.
/// </summary>
internal static class ListDisks
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("GET", "/api/disks", async request =>
        {
            string organization = request.OrganizationOrOwn(request.Query("organization"));
            bool isAdministrator = request.IsServerAdministrator;
            if (request.Query("name") is { } name)
            {
                Disk? found = await services.Disks.Catalog.FindByNameAsync(organization, name, request.CancellationToken);
                return Answer(found is null ? [] : [DiskView.Of(
                    found, services.Region, isAdministrator, await services.Users.ListAsync(found.Id, request.CancellationToken))]);
            }

            DiskId? after = request.Cursor() is not { } cursor ? null
                : DiskId.TryParse(cursor, out DiskId id) ? id
                : throw ControlRefusalException.BadRequest("cursor must be the id of a disk");
            IReadOnlyList<Disk> disks = await services.Disks.Catalog.ListAsync(organization, after, request.Limit(), request.CancellationToken);
            return Answer([.. disks.Select(disk => DiskView.Of(disk, services.Region, isAdministrator))]);
        });

    private static ControlAnswer Answer(IReadOnlyList<DiskView> disks) => ControlAnswer.Of(disks, ControlJson.Default.IReadOnlyListDiskView);
}

using Tarn.Core.Disks;

namespace Tarn.Server.Control.Disks;

/// <summary><c>GET /api/disks/{id}</c>.</summary>
internal static class GetDisk
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("GET", "/api/disks/{id}", async request =>
        {
            Disk disk = await services.FindAsync(request);
            IReadOnlyList<DiskUser> users = await services.Users.ListAsync(disk.Id, request.CancellationToken);
            return ControlAnswer.Of(DiskView.Of(disk, services.Region, request.IsServerAdministrator, users), ControlJson.Default.DiskView);
        });
}

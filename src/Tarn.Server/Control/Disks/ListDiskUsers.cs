using Tarn.Core.Disks;

namespace Tarn.Server.Control.Disks;

/// <summary><c>GET /api/disks/{id}/users</c>.</summary>
internal static class ListDiskUsers
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("GET", "/api/disks/{id}/users", async request =>
        {
            Disk disk = await services.FindAsync(request);
            IReadOnlyList<DiskUser> users = await services.Users.ListAsync(disk.Id, request.CancellationToken);
            return ControlAnswer.Of(new DiskUserList([.. users.Select(user => DiskUserView.Of(user))]), ControlJson.Default.DiskUserList);
        });
}

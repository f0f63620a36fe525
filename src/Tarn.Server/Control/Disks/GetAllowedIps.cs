using Tarn.Core.Disks;

namespace Tarn.Server.Control.Disks;

/// <summary><c>GET /api/disks/{id}/allowed-ips</c>: from where the disk may be read over S3; an empty list for anywhere.</summary>
internal static class GetAllowedIps
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("GET", "/api/disks/{id}/allowed-ips", async request =>
        {
            Disk disk = await services.FindAsync(request);
            return ControlAnswer.Of(new AllowedIps { Networks = DiskAddresses.Show(disk.AllowedAddresses) }, ControlJson.Default.AllowedIps);
        });
}

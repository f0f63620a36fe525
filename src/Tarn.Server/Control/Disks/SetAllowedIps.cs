using Tarn.Core.Disks;

namespace Tarn.Server.Control.Disks;

/// <summary><c>PUT /api/disks/{id}/allowed-ips</c>: replaces the list of from where the disk may be read over S3.</summary>
internal static class SetAllowedIps
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("PUT", "/api/disks/{id}/allowed-ips", async request =>
        {
            Disk disk = await services.FindAsync(request);
            AddressList allowed = DiskAddresses.Read(request.Read(ControlJson.Default.AllowedIps).Networks);
            Disk changed = await services.Disks.Catalog.SetAllowedAddressesAsync(disk.Id, allowed, request.CancellationToken)
                ?? throw ControlRefusalException.NotFound("there is no such disk");
            return ControlAnswer.Of(new AllowedIps { Networks = DiskAddresses.Show(changed.AllowedAddresses) }, ControlJson.Default.AllowedIps);
        });
}

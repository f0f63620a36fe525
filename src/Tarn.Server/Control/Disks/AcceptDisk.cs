using Tarn.Core.Disks;

namespace Tarn.Server.Control.Disks;

/// <summary>
/// <c>POST /api/disks/{id}/accept</c>: takes the file systems that are mounted now for those of the disk. Without it a disk whose file system is
/// missing, or another, is not served.
/// </summary>
internal static class AcceptDisk
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("POST", "/api/disks/{id}/accept", async request =>
        {
            Disk disk = await services.FindAsync(request);
            Disk changed = await services.Disks.AcceptMountsAsync(disk, request.CancellationToken)
                ?? throw ControlRefusalException.NotFound("there is no such disk");
            return ControlAnswer.Of(DiskFileSystems.Of(changed, request.IsServerAdministrator), ControlJson.Default.DiskFileSystems);
        });
}

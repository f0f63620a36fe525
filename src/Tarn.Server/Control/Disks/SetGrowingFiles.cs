using Tarn.Core.Disks;

namespace Tarn.Server.Control.Disks;

/// <summary><c>PUT /api/disks/{id}/growing-files</c>: says whether a file that has become longer counts as appended to.</summary>
internal static class SetGrowingFiles
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("PUT", "/api/disks/{id}/growing-files", async request =>
        {
            Disk disk = await services.FindAsync(request);
            bool growing = request.Read(ControlJson.Default.DiskGrowingFiles).Are;
            Disk changed = await services.Disks.Catalog.SetGrowingFilesAsync(disk.Id, growing, request.CancellationToken)
                ?? throw ControlRefusalException.NotFound("there is no such disk");
            return ControlAnswer.Of(new DiskGrowingFiles { Are = changed.GrowingFiles }, ControlJson.Default.DiskGrowingFiles);
        });
}

using Tarn.Core.Disks;

namespace Tarn.Server.Control.Disks;

/// <summary>
/// <c>DELETE /api/disks/{id}</c>: ends the disk, its users and its links. A directory that was made for it goes with it; one that was
/// attached stays as it is.
/// </summary>
internal static class DeleteDisk
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("DELETE", "/api/disks/{id}", async request =>
        {
            Disk disk = await services.FindAsync(request);
            try
            {
                await services.Disks.Catalog.DeleteAsync(disk.Id, request.CancellationToken);
            }
            finally
            {
                // Also when the tree could not be removed, or the client has gone: the disk itself may be gone by then.
                if (await services.Disks.Catalog.FindAsync(disk.Id, CancellationToken.None) is null)
                {
                    await services.Users.RemoveAllAsync(disk.Id, CancellationToken.None);
                    await services.Links.RevokeAllAsync(disk.Organization, disk.Id.Value, CancellationToken.None);
                }
            }

            return ControlAnswer.Done;
        });
}

using System.Text;
using Tarn.Core.Disks;
using Tarn.Core.Sharing;

namespace Tarn.Server.Control.Disks;

/// <summary><c>POST /api/disks/{id}/share</c>: a link that lets whoever has it read one file, for a while.</summary>
internal static class ShareFile
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("POST", "/api/disks/{id}/share", async request =>
        {
            Disk disk = await services.FindAsync(request);
            ShareBody body = request.Read(ControlJson.Default.ShareBody);
            DiskServices.Life(body.ExpiresIn);
            byte[] key = Encoding.UTF8.GetBytes(body.Key);
            if (!DiskPath.IsCanonical(key))
            {
                throw ControlRefusalException.BadRequest("key must be the path of a file below the root, without a slash at either end, '.', '..' and '//'");
            }

            await using DiskFile file = await services.Disks.Reader.OpenAsync(disk, key, request.CancellationToken)
                ?? throw ControlRefusalException.NotFound("there is no such file");
            return ControlAnswer.Of(
                await services.ShareAsync(request, disk.Organization, new ShareTarget(disk.Id.Value, 0, key, null), body.ExpiresIn),
                ControlJson.Default.NewShareView);
        });
}

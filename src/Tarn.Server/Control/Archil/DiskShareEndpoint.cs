using System.Text;
using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Sharing;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Control.Archil;

/// <summary><c>/api/disks/{id}/share</c>.</summary>
internal sealed class DiskShareEndpoint(AdministeredDisks administered, DiskStore disks, ShareMaker shares)
{
    public void Map(RouteGroupBuilder api) =>
        api.MapPost("/api/disks/{id}/share", CreateAsync).WithTags("Share links").WithName("ShareDiskFile").Refuses(404);

    /// <summary>Creates a share link to one file of a disk.</summary>
    /// <param name="id">The disk's id.</param>
    public async Task<Data<NewShareView>> CreateAsync(ControlRequest request, string id, JsonBody<ShareBody> body)
    {
        Disk disk = await administered.GetAsync(request, id);
        ShareBody wanted = body.Read();
        ShareMaker.Life(wanted.ExpiresIn);
        byte[] key = Encoding.UTF8.GetBytes(wanted.Key);
        if (!DiskPath.IsCanonical(key))
        {
            throw ControlRefusalException.BadRequest("key must be the path of a file below the root, without a slash at either end, '.', '..' and '//'");
        }

        await using DiskFile file = await disks.Reader.OpenAsync(disk, key, request.CancellationToken)
            ?? throw ControlRefusalException.NotFound("there is no such file");
        return new(await shares.CreateAsync(request, disk.Organization, new ShareTarget(disk.Id.Value, 0, key, null), wanted.ExpiresIn));
    }
}

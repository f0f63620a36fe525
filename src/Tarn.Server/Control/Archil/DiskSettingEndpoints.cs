using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;

namespace Tarn.Server.Control.Archil;

/// <summary>The settings of a disk, below <c>/api/disks/{id}</c>.</summary>
internal sealed class DiskSettingEndpoints(AdministeredDisks administered, DiskStore disks)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder disk = api.MapGroup("/api/disks/{id}").WithTags("Disks").Refuses(404);
        disk.MapGet("/allowed-ips", GetAllowedIpsAsync).WithName("GetAllowedIps");
        disk.MapPut("/allowed-ips", SetAllowedIpsAsync).WithName("SetAllowedIps");
        disk.MapPut("/growing-files", SetGrowingFilesAsync).WithName("SetGrowingFiles");
        disk.MapPut("/writing", SetWritingAsync).WithName("SetDiskWriting");
        disk.MapPost("/accept", AcceptAsync).WithName("AcceptDisk");
    }

    /// <summary>Shows from which addresses a disk may be read over S3; an empty list means from anywhere.</summary>
    /// <param name="id">The disk's id.</param>
    public async Task<Data<AllowedIps>> GetAllowedIpsAsync(ControlRequest request, string id)
    {
        Disk disk = await administered.GetAsync(request, id);
        return new(new AllowedIps { Networks = DiskAddresses.Show(disk.AllowedAddresses) });
    }

    /// <summary>Replaces the list of addresses from which a disk may be read over S3.</summary>
    /// <param name="id">The disk's id.</param>
    public async Task<Data<AllowedIps>> SetAllowedIpsAsync(ControlRequest request, string id, JsonBody<AllowedIps> body)
    {
        Disk disk = await administered.GetAsync(request, id);
        AddressList allowed = DiskAddresses.Read(body.Read().Networks);
        Disk changed = await disks.Catalog.SetAllowedAddressesAsync(disk.Id, allowed, request.CancellationToken) ?? throw AdministeredDisks.Gone();
        return new(new AllowedIps { Networks = DiskAddresses.Show(changed.AllowedAddresses) });
    }

    /// <summary>Sets whether a file that has become longer counts as appended to.</summary>
    /// <param name="id">The disk's id.</param>
    public async Task<Data<DiskGrowingFiles>> SetGrowingFilesAsync(ControlRequest request, string id, JsonBody<DiskGrowingFiles> body)
    {
        Disk disk = await administered.GetAsync(request, id);
        bool growing = body.Read().GrowingFiles;
        Disk changed = await disks.Catalog.SetGrowingFilesAsync(disk.Id, growing, request.CancellationToken) ?? throw AdministeredDisks.Gone();
        return new(new DiskGrowingFiles { GrowingFiles = changed.GrowingFiles });
    }

    /// <summary>Sets whether this API may write to a disk.</summary>
    /// <remarks>Only the server's root user turns it on for a directory that was attached: it is the operator's, who may have meant it to be read only.</remarks>
    /// <param name="id">The disk's id.</param>
    public async Task<Data<DiskWriting>> SetWritingAsync(ControlRequest request, string id, JsonBody<DiskWriting> body)
    {
        Disk disk = await administered.GetAsync(request, id);
        bool writing = body.Read().Writing;
        if (writing && disk.IsAttached)
        {
            request.ThrowIfNotServerAdministrator();
        }

        Disk changed = await disks.Catalog.SetWritingAsync(disk.Id, writing, request.CancellationToken) ?? throw AdministeredDisks.Gone();
        return new(new DiskWriting { Writing = changed.IsWritable });
    }

    /// <summary>Accepts the file systems that are mounted now as those of the disk.</summary>
    /// <remarks>Until then a disk whose file system is missing or has been replaced is not served.</remarks>
    /// <param name="id">The disk's id.</param>
    public async Task<Data<DiskFileSystems>> AcceptAsync(ControlRequest request, string id)
    {
        Disk disk = await administered.GetAsync(request, id);
        Disk changed = await disks.AcceptMountsAsync(disk, request.CancellationToken) ?? throw AdministeredDisks.Gone();
        return new(DiskFileSystems.Of(changed, request.IsServerAdministrator));
    }
}

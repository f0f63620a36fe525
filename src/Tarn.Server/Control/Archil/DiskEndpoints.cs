using Microsoft.AspNetCore.Http.HttpResults;
using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Core.Sharing;
using Tarn.Server.Storage;

namespace Tarn.Server.Control.Archil;

/// <summary><c>/api/disks</c>.</summary>
internal sealed class DiskEndpoints(AdministeredDisks administered, DiskStore disks, DiskUsers users, ShareLinks links, IdentityStore identity, ControlOptions options, ILogger<DiskEndpoints> logger)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/api/disks").WithTags("Disks");
        group.MapPost("", CreateAsync).WithName("CreateDisk").Refuses(404, 409, 501);
        group.MapGet("", ListAsync).WithName("ListDisks").WithPaging()
            .WithQuery("name", "The name of the one disk to find.")
            .WithQuery("organization", "The organization whose disks are listed; by default the requester's.");
        group.MapGet("/{id}", GetAsync).WithName("GetDisk").Refuses(404);
        group.MapDelete("/{id}", DeleteAsync).WithName("DeleteDisk").Refuses(404);
    }

    /// <summary>Creates a disk with a directory of its own, or attaches an existing directory.</summary>
    /// <remarks>If the same disk exists already, the answer describes it, with status 200. A different disk of that name is a conflict.</remarks>
    public async Task<Results<Made<NewDiskView>, Data<NewDiskView>>> CreateAsync(ControlRequest request, JsonBody<DiskBody> body)
    {
        DiskBody wanted = body.Read();
        string organization = request.OrganizationOrOwn(wanted.Organization);
        await identity.Organizations.GetAsync(organization, request.CancellationToken);
        DiskNames.ThrowIfInvalid(wanted.Name);
        if (wanted.AuthMethods is { Count: > 0 })
        {
            throw ControlRefusalException.NotImplemented("authMethods are not implemented; add users of type 's3' once the disk is created");
        }

        string? path = DiskMounts.Path(wanted.Mounts);
        AddressList allowed = DiskAddresses.Read(wanted.AllowedIps);
        bool growing = wanted.GrowingFiles ?? false;
        DiskCatalog catalog = disks.Catalog;
        Disk? made = path is null
            ? await catalog.CreateAsync(organization, wanted.Name, allowed, growing, request.CancellationToken)
            : await catalog.AttachAsync(organization, wanted.Name, path, allowed, growing, request.CancellationToken);
        if (made is not null)
        {
            return new Made<NewDiskView>(new NewDiskView(made.Id.Value, []));
        }

        Disk? there = await catalog.FindByNameAsync(organization, wanted.Name, request.CancellationToken);
        bool isSame = there is not null
            && there.IsAttached == path is not null
            && (path is null || there.RootPath == catalog.ResolveAttachable(organization, path))
            && there.GrowingFiles == growing
            && there.AllowedAddresses.Networks.SequenceEqual(allowed.Networks);
        return isSame
            ? new Data<NewDiskView>(new NewDiskView(there!.Id.Value, []))
            : throw new ControlRefusalException(StatusCodes.Status409Conflict, $"there is another disk with the name '{wanted.Name}'");
    }

    /// <summary>Lists the disks of an organization in order of id, or finds the one that <c>name</c> names.</summary>
    /// <remarks><c>cursor</c> is the id of the last disk of the previous page.</remarks>
    public async Task<Data<IReadOnlyList<DiskView>>> ListAsync(ControlRequest request)
    {
        string organization = request.OrganizationOrOwn(request.Query("organization"));
        bool isAdministrator = request.IsServerAdministrator;
        if (request.Query("name") is { } name)
        {
            Disk? found = await disks.Catalog.FindByNameAsync(organization, name, request.CancellationToken);
            return new(found is null ? [] : [DiskView.Of(
                found, options.Region, isAdministrator, await users.ListAsync(found.Id, request.CancellationToken))]);
        }

        DiskId? after = request.Cursor() is not { } cursor ? null
            : DiskId.TryParse(cursor, out DiskId id) ? id
            : throw ControlRefusalException.BadRequest("cursor must be the id of a disk");
        IReadOnlyList<Disk> page = await disks.Catalog.ListAsync(organization, after, request.Limit(), request.CancellationToken);
        return new([.. page.Select(disk => DiskView.Of(disk, options.Region, isAdministrator))]);
    }

    /// <summary>Shows a disk and its users.</summary>
    /// <param name="id">The disk's id.</param>
    public async Task<Data<DiskView>> GetAsync(ControlRequest request, string id)
    {
        Disk disk = await administered.GetAsync(request, id);
        return new(DiskView.Of(disk, options.Region, request.IsServerAdministrator, await users.ListAsync(disk.Id, request.CancellationToken)));
    }

    /// <summary>Deletes a disk with its users and share links.</summary>
    /// <remarks>A directory that was created for the disk is deleted with it; one that was attached is left alone.</remarks>
    /// <param name="id">The disk's id.</param>
    public async Task<Done> DeleteAsync(ControlRequest request, string id)
    {
        Disk disk = await administered.GetAsync(request, id);
        try
        {
            await disks.Catalog.DeleteAsync(disk.Id, request.CancellationToken);
        }
        finally
        {
            // Also if the directory could not be deleted or the client has disconnected: the disk itself may be gone by then.
            if (await disks.Catalog.FindAsync(disk.Id, CancellationToken.None) is null)
            {
                await users.RemoveAllAsync(disk.Id, CancellationToken.None);
                await links.RevokeAllAsync(disk.Organization, disk.Id.Value, CancellationToken.None);
                if (disk.IsAttached && await disks.DropUploadsAsync(disk, CancellationToken.None) is { } why)
                {
                    DiskLog.UploadsLeft(logger, disk, why);
                }
            }
        }

        return Done.Instance;
    }
}

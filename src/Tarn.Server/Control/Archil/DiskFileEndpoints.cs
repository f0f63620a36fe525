using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Writing;

namespace Tarn.Server.Control.Archil;

/// <summary>The files of a disk, below <c>/api/disks/{id}</c>: written, renamed and removed.</summary>
internal sealed class DiskFileEndpoints(AdministeredDisks administered, DiskWriter writer, StreamedBodies bodies, LastingRights rights)
{
    /// <summary>After this many bytes of a body it is looked again whether who sends it still may.</summary>
    private const long GuardedEvery = 64L << 20;

    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder disk = api.MapGroup("/api/disks/{id}").WithTags("Disk files").Refuses(404, 409, 507);
        StreamsBody.Mark(disk.MapPut("/files", PutAsync).WithName("PutDiskFile")
            .WithQuery(DiskPaths.Parameter, "The path of the file below the disk's root.")
            .WithQuery("replace", "Whether a file that is there is replaced: true, or false, the default."));
        disk.MapDelete("/files", DeleteAsync).WithName("DeleteDiskFile")
            .WithQuery(DiskPaths.Parameter, "The path of the file or directory below the disk's root.")
            .WithQuery("recursive", "Whether a directory that is not empty is deleted with everything in it: true, or false, the default.");
        disk.MapPost("/directories", MakeDirectoryAsync).WithName("CreateDiskDirectory");
        disk.MapPost("/rename", RenameAsync).WithName("RenameDiskFile");
    }

    /// <summary>Writes a file: the body is its content, of any length.</summary>
    /// <remarks>It appears, whole and durable, before the answer. If <c>x-amz-content-sha256</c> has the SHA-256 of the body, it is compared first. Use an upload for a file that may take longer than its connection lasts.</remarks>
    /// <param name="id">The disk's id.</param>
    public async Task<Made<DiskFileView>> PutAsync(ControlRequest request, string id)
    {
        Disk disk = await administered.GetAsync(request, id);
        DiskFilePath path = DiskPaths.Of(request);
        StreamedBody body = bodies.Of(request);
        Func<CancellationToken, ValueTask> guard = rights.Guard(request);
        using IDisposable place = bodies.Enter(disk.Organization);
        using NewDiskFile file = await writer.BeginAsync(disk, path, DiskPaths.Flag(request, "replace"), request.Http.Request.ContentLength, request.CancellationToken);
        long unguarded = 0;
        await body.ReadAsync(
            async data =>
            {
                file.Append(data);
                unguarded += data.Length;
                if (unguarded >= GuardedEvery)
                {
                    unguarded = 0;
                    await guard(request.CancellationToken);
                }
            },
            request.CancellationToken);
        await guard(request.CancellationToken);
        return new(DiskFileView.Of(await file.CommitAsync(request.CancellationToken)));
    }

    /// <summary>Deletes a file, a link or a directory.</summary>
    /// <remarks>Of a link the link itself is deleted. A file system that is mounted in a directory keeps it from being deleted.</remarks>
    /// <param name="id">The disk's id.</param>
    public async Task<Done> DeleteAsync(ControlRequest request, string id)
    {
        Disk disk = await administered.GetAsync(request, id);
        await writer.RemoveAsync(disk, DiskPaths.Of(request), DiskPaths.Flag(request, "recursive"), rights.Guard(request), request.CancellationToken);
        return Done.Instance;
    }

    /// <summary>Creates a directory.</summary>
    /// <param name="id">The disk's id.</param>
    public async Task<Made<DirectoryView>> MakeDirectoryAsync(ControlRequest request, string id, JsonBody<DirectoryBody> body)
    {
        Disk disk = await administered.GetAsync(request, id);
        DirectoryBody wanted = body.Read();
        DiskFilePath path = DiskFilePath.Parse(wanted.Path);
        return new(new DirectoryView(path.Text, await writer.MakeDirectoryAsync(disk, path, wanted.Parents ?? false, request.CancellationToken)));
    }

    /// <summary>Renames a file, a link or a directory, within a file system.</summary>
    /// <param name="id">The disk's id.</param>
    public async Task<Done> RenameAsync(ControlRequest request, string id, JsonBody<RenameBody> body)
    {
        Disk disk = await administered.GetAsync(request, id);
        RenameBody wanted = body.Read();
        await writer.RenameAsync(disk, DiskFilePath.Parse(wanted.From), DiskFilePath.Parse(wanted.To), wanted.Replace ?? false, request.CancellationToken);
        return Done.Instance;
    }
}

using System.Globalization;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Writing;

namespace Tarn.Server.Control.Archil;

/// <summary><c>/api/disks/{id}/uploads</c>: files that many requests write.</summary>
internal sealed class DiskUploadEndpoints(AdministeredDisks administered, DiskUploads uploads, StreamedBodies bodies, LastingRights rights)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/api/disks/{id}/uploads").WithTags("Disk uploads").Refuses(404);
        group.MapPost("", CreateAsync).WithName("CreateDiskUpload").Refuses(409, 429);
        group.MapGet("", ListAsync).WithName("ListDiskUploads");
        group.MapGet("/{upload}", GetAsync).WithName("GetDiskUpload");
        StreamsBody.Mark(group.MapPut("/{upload}", AppendAsync).WithName("AppendToDiskUpload")
            .WithQuery("offset", "Where the bytes go: the offset of the upload."));
        group.MapPost("/{upload}/complete", CompleteAsync).WithName("CompleteDiskUpload").Refuses(409);
        group.MapDelete("/{upload}", AbortAsync).WithName("AbortDiskUpload");
    }

    /// <summary>Begins a resumable upload of a file.</summary>
    /// <remarks>It is removed 24 hours after its last byte, unless it is completed.</remarks>
    /// <param name="id">The disk's id.</param>
    public async Task<Made<DiskUploadView>> CreateAsync(ControlRequest request, string id, JsonBody<DiskUploadBody> body)
    {
        Disk disk = await administered.GetAsync(request, id);
        DiskUploadBody wanted = body.Read();
        return new(DiskUploadView.Of(await uploads.CreateAsync(
            disk, DiskFilePath.Parse(wanted.Path), wanted.Replace ?? false, wanted.Length, wanted.Label, request.CancellationToken)));
    }

    /// <summary>Lists the uploads of a disk.</summary>
    /// <param name="id">The disk's id.</param>
    public async Task<Data<DiskUploadList>> ListAsync(ControlRequest request, string id)
    {
        Disk disk = await administered.GetAsync(request, id);
        return new(new DiskUploadList([.. (await uploads.ListAsync(disk, request.CancellationToken)).Select(DiskUploadView.Of)]));
    }

    /// <summary>Shows an upload and its offset, from which it goes on.</summary>
    /// <param name="id">The disk's id.</param>
    /// <param name="upload">The upload's id.</param>
    public async Task<Data<DiskUploadView>> GetAsync(ControlRequest request, string id, string upload)
    {
        Disk disk = await administered.GetAsync(request, id);
        return new(DiskUploadView.Of(await uploads.FindAsync(disk, upload, request.CancellationToken) ?? throw Gone()));
    }

    /// <summary>Appends the body, of any length, to an upload.</summary>
    /// <remarks>
    /// What is answered to be there is durable. If the connection breaks, what has arrived is kept, unless <c>x-amz-content-sha256</c> has the SHA-256 of the body: then
    /// all of it counts or nothing. Another such request for the same upload interrupts this one.
    /// </remarks>
    /// <param name="id">The disk's id.</param>
    /// <param name="upload">The upload's id.</param>
    public async Task<Data<DiskUploadView>> AppendAsync(ControlRequest request, string id, string upload)
    {
        Disk disk = await administered.GetAsync(request, id);
        if (!long.TryParse(request.Query("offset"), NumberStyles.None, CultureInfo.InvariantCulture, out long offset))
        {
            throw ControlRefusalException.BadRequest("the parameter offset must be the offset of the upload");
        }

        StreamedBody body = bodies.Of(request);
        using UploadAppend append = await uploads.AppendAsync(
            disk, upload, offset, request.Http.Request.ContentLength, keepsParts: !body.IsHashed, rights.Guard(request), request.CancellationToken) ?? throw Gone();
        using IDisposable place = bodies.Enter(disk.Organization);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(request.CancellationToken, append.Interrupted);
        bool isWhole = false;
        try
        {
            await body.ReadAsync(append.AppendAsync, either.Token);
            isWhole = true;
        }
        catch (OperationCanceledException) when (append.Interrupted.IsCancellationRequested)
        {
            throw new ControlRefusalException(StatusCodes.Status409Conflict, "another request goes on with the upload");
        }
        finally
        {
            if (!isWhole)
            {
                await append.KeepPartAsync();
            }
        }

        return new(DiskUploadView.Of(await append.CommitAsync()));
    }

    /// <summary>Completes an upload: the file appears under its path.</summary>
    /// <remarks>It stays an upload if that is refused. The same request again has the same answer, if the first one was lost.</remarks>
    /// <param name="id">The disk's id.</param>
    /// <param name="upload">The upload's id.</param>
    public async Task<Made<DiskFileView>> CompleteAsync(ControlRequest request, string id, string upload, OptionalJsonBody<UploadCompletionBody> body)
    {
        Disk disk = await administered.GetAsync(request, id);
        UploadCompletionBody? wanted = body.Read();
        byte[]? sha256 = wanted?.Sha256 is { } text ? StreamedBodies.Sha256(text, "sha256") : null;
        Func<CancellationToken, ValueTask> guard = rights.Guard(request);
        return new(DiskFileView.Of(await uploads.CompleteAsync(disk, upload, sha256, wanted?.Replace ?? false, guard, request.CancellationToken) ?? throw Gone()));
    }

    /// <summary>Aborts an upload: what was sent of it is removed.</summary>
    /// <param name="id">The disk's id.</param>
    /// <param name="upload">The upload's id.</param>
    public async Task<Done> AbortAsync(ControlRequest request, string id, string upload)
    {
        Disk disk = await administered.GetAsync(request, id);
        return await uploads.AbortAsync(disk, upload, request.CancellationToken) ? Done.Instance : throw Gone();
    }

    private static ControlRefusalException Gone() => ControlRefusalException.NotFound("there is no such upload, or not any more");
}

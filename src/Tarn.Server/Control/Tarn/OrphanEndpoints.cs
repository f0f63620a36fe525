using Tarn.Core.Blobs;
using Tarn.Core.Records;
using Tarn.Core.Scrubbing;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/scrub/orphans</c>.</summary>
internal sealed class OrphanEndpoints(OrphanShelf shelf)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder orphans = api.MapGroup("/api/scrub/orphans").WithTags("Scrub");
        orphans.MapGet("", ListAsync).WithName("ListOrphans").ForServerAdministrator().WithPaging();
        orphans.MapDelete("", DropAllAsync).WithName("DropOrphans").ForServerAdministrator().Refuses(409, 507);
        orphans.MapPost("/{id}/restore", RestoreAsync).WithName("RestoreOrphan").ForServerAdministrator().Refuses(404, 507);
        orphans.MapDelete("/{id}", DropAsync).WithName("DropOrphan").ForServerAdministrator().Refuses(404, 409, 507);
    }

    /// <summary>Lists the blobs that nothing refers to and that were set aside.</summary>
    public async Task<Data<OrphanList>> ListAsync(ControlRequest request)
    {
        int limit = request.Limit();
        BlobId? after = request.Cursor() is not { } cursor ? null
            : BlobId.TryParse(cursor, out BlobId last) ? last
            : throw ControlRefusalException.BadRequest("the cursor is not from a previous answer");
        IReadOnlyList<OrphanBlob> found = await shelf.ListAsync(after, limit + 1, request.CancellationToken);
        return new(new OrphanList(
            [.. found.Take(limit).Select(OrphanView.Of)], shelf.KeptBecause, found.Count > limit ? found[limit - 1].Id.ToString() : null));
    }

    /// <summary>Removes all of them that no backup needs, and from now on those whose retention is over. Those that rows refer to are put back.</summary>
    public async Task<Data<OrphansDropped>> DropAllAsync(ControlRequest request)
    {
        try
        {
            return new(await shelf.DropAllAsync(request.CancellationToken));
        }
        catch (RecordFormatException e)
        {
            throw NotKnown(e);
        }
    }

    /// <summary>Puts one back in its place.</summary>
    /// <param name="id">The blob's id.</param>
    public async Task<Done> RestoreAsync(ControlRequest request, string id) =>
        await shelf.BringBackAsync(Id(id), request.CancellationToken) ? Done.Instance : throw NotThere();

    /// <summary>Removes one, unless a row refers to it: then it is put back.</summary>
    /// <param name="id">The blob's id.</param>
    public async Task<Done> DropAsync(ControlRequest request, string id)
    {
        try
        {
            return await shelf.DropAsync(Id(id), request.CancellationToken) switch
            {
                OrphanDrop.Dropped => Done.Instance,
                OrphanDrop.NotThere => throw NotThere(),
                _ => throw new ControlRefusalException(StatusCodes.Status409Conflict, "an object needs it: it was put back in its place"),
            };
        }
        catch (RecordFormatException e)
        {
            throw NotKnown(e);
        }
    }

    private static BlobId Id(string text) => BlobId.TryParse(text, out BlobId id) ? id : throw NotThere();

    private static ControlRefusalException NotKnown(RecordFormatException e) =>
        new(StatusCodes.Status409Conflict, $"nothing was removed, since it is not known whether objects need it: {e.Message}");

    private static ControlRefusalException NotThere() => ControlRefusalException.NotFound("no such blob was set aside, or a backup needs it");
}

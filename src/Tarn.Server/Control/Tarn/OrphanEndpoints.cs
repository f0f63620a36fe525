using Tarn.Core.Blobs;
using Tarn.Core.Scrubbing;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/scrub/orphans</c>.</summary>
internal sealed class OrphanEndpoints(OrphanShelf shelf)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder orphans = api.MapGroup("/api/scrub/orphans").WithTags("Scrub");
        orphans.MapGet("", ListAsync).WithName("ListOrphans").ForServerAdministrator().WithPaging();
        orphans.MapDelete("", DropAllAsync).WithName("DropOrphans").ForServerAdministrator().Refuses(507);
        orphans.MapPost("/{id}/restore", RestoreAsync).WithName("RestoreOrphan").ForServerAdministrator().Refuses(404, 507);
        orphans.MapDelete("/{id}", DropAsync).WithName("DropOrphan").ForServerAdministrator().Refuses(404, 507);
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

    /// <summary>Removes all of them that no backup needs, and from now on those whose retention is over.</summary>
    public async Task<Data<OrphansDropped>> DropAllAsync(ControlRequest request)
    {
        OrphanCount dropped = await shelf.DropAllAsync(request.CancellationToken);
        return new(new OrphansDropped(dropped.Blobs, dropped.Bytes));
    }

    /// <summary>Puts one back in its place.</summary>
    /// <param name="id">The blob's id.</param>
    public async Task<Done> RestoreAsync(ControlRequest request, string id) =>
        await shelf.BringBackAsync(Id(id), request.CancellationToken) ? Done.Instance : throw NotThere();

    /// <summary>Removes one.</summary>
    /// <param name="id">The blob's id.</param>
    public async Task<Done> DropAsync(ControlRequest request, string id) =>
        await shelf.DropAsync(Id(id), request.CancellationToken) ? Done.Instance : throw NotThere();

    private static BlobId Id(string text) => BlobId.TryParse(text, out BlobId id) ? id : throw NotThere();

    private static ControlRefusalException NotThere() => ControlRefusalException.NotFound("no such blob was set aside, or a backup needs it");
}

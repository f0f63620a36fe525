using Tarn.Core.Blobs;
using Tarn.Core.Scrubbing;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/scrub/orphans</c>.</summary>
internal sealed class OrphanEndpoints(OrphanShelf shelf, ScrubWorker worker)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder orphans = api.MapGroup("/api/scrub/orphans").WithTags("Scrub");
        orphans.MapGet("", ListAsync).WithName("ListOrphans").ForServerAdministrator().WithPaging();
        orphans.MapDelete("", DropAllAsync).WithName("DropOrphans").ForServerAdministrator().Refuses(409);
        orphans.MapGet("/drop", Drop).WithName("GetOrphanDrop").ForServerAdministrator().Refuses(404);
        orphans.MapPost("/{id}/restore", RestoreAsync).WithName("RestoreOrphan").ForServerAdministrator().Refuses(404, 507);
        orphans.MapDelete("/{id}", DropAsync).WithName("DropOrphan").ForServerAdministrator().Refuses(404, 409);
    }

    /// <summary>Lists the blobs that nothing refers to and that were set aside.</summary>
    public async Task<Data<OrphanList>> ListAsync(ControlRequest request)
    {
        int limit = request.Limit();
        BlobId? after = request.Cursor() is not { } cursor ? null
            : BlobId.TryParse(cursor, out BlobId last) ? last
            : throw ControlRefusalException.BadRequest("the cursor is not from a previous answer");
        await worker.LoadAsync(request.CancellationToken);
        IReadOnlyList<OrphanBlob> found = await shelf.ListAsync(after, limit + 1, request.CancellationToken);
        return new(new OrphanList(
            [.. found.Take(limit).Select(OrphanView.Of)], worker.Status.OrphansKeptBecause, found.Count > limit ? found[limit - 1].Id.ToString() : null));
    }

    /// <summary>Begins to remove all of them that no backup needs, and from then on those whose retention is over. Those that rows refer to are put back.</summary>
    /// <remarks>All rows are read first. It goes on by itself; ask for it to see how far it is.</remarks>
    public async Task<Data<OrphanDropView>> DropAllAsync(ControlRequest request) => new(await BeginAsync(null, request.CancellationToken));

    /// <summary>Shows the removal that is under way, or was the last one since the server was started.</summary>
    public Data<OrphanDropView> Drop(ControlRequest request) =>
        new(OrphanDropView.Of(shelf.Drops.Last ?? throw ControlRefusalException.NotFound("no blob that was set aside was removed by order since the server was started")));

    /// <summary>Puts one back in its place.</summary>
    /// <param name="id">The blob's id.</param>
    public async Task<Done> RestoreAsync(ControlRequest request, string id) =>
        await shelf.BringBackAsync(Id(id), request.CancellationToken) ? Done.Instance : throw NotThere();

    /// <summary>Begins to remove one, unless a row refers to it: then it is put back.</summary>
    /// <remarks>All rows are read first. It goes on by itself; ask for it to see how far it is.</remarks>
    /// <param name="id">The blob's id.</param>
    public async Task<Data<OrphanDropView>> DropAsync(ControlRequest request, string id) => new(await BeginAsync(Id(id), request.CancellationToken));

    private async ValueTask<OrphanDropView> BeginAsync(BlobId? id, CancellationToken cancellationToken)
    {
        try
        {
            return OrphanDropView.Of(await shelf.Drops.BeginAsync(id, cancellationToken) ?? throw NotThere());
        }
        catch (InvalidOperationException e)
        {
            throw new ControlRefusalException(StatusCodes.Status409Conflict, e.Message);
        }
    }

    private static BlobId Id(string text) => BlobId.TryParse(text, out BlobId id) ? id : throw NotThere();

    private static ControlRefusalException NotThere() => ControlRefusalException.NotFound("no such blob was set aside, or a backup needs it");
}

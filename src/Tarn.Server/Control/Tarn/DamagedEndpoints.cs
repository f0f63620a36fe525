using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Records;
using Tarn.Core.Scrubbing;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/damaged</c>.</summary>
internal sealed class DamagedEndpoints(DamageList damage, DamagedRemoval removal, BucketCatalog buckets)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder damaged = api.MapGroup("/api/damaged").WithTags("Damaged objects");
        damaged.MapGet("", ListAsync).WithName("ListDamaged").ForServerAdministrator().WithPaging();
        damaged.MapPost("/drop", DropAsync).WithName("DropDamaged").ForServerAdministrator().Refuses(404, 409, 503);
    }

    /// <summary>Lists objects and parts of uploads in progress of which stored data is damaged or missing.</summary>
    public async Task<Data<DamagedList>> ListAsync(ControlRequest request) =>
        new(await DamagedList.PageAsync(damage, Place(request.Cursor()), request.Limit(), request.CancellationToken));

    /// <summary>Deletes a damaged version of an object, or a damaged part, for good.</summary>
    /// <remarks>What is not damaged, or not any more, is left as it is. No delete marker is made.</remarks>
    public async Task<Done> DropAsync(ControlRequest request, JsonBody<DropBody> body)
    {
        DropBody wanted = body.Read();
        Bucket bucket = BucketName.TryParse(wanted.Bucket, out BucketName name) && await buckets.FindAsync(name, request.CancellationToken) is { } found
            ? found
            : throw ControlRefusalException.NotFound("there is no such bucket");
        if (!ObjectKey.TryCreate(wanted.Key, out ObjectKey key))
        {
            throw ControlRefusalException.BadRequest("key is not a key");
        }

        return await TryDropAsync(bucket, key, wanted, request.CancellationToken) switch
        {
            DropOutcome.Dropped => Done.Instance,
            DropOutcome.NotFound => throw ControlRefusalException.NotFound("there is no such version or part"),
            _ => throw new ControlRefusalException(StatusCodes.Status409Conflict, "it is not damaged, or not any more: it was left as it is"),
        };
    }

    private async ValueTask<DropOutcome> TryDropAsync(Bucket bucket, ObjectKey key, DropBody wanted, CancellationToken cancellationToken)
    {
        try
        {
            return wanted switch
            {
                { VersionId: { } version, UploadId: null, PartNumber: null } => await removal.DropAsync(bucket, key, version, cancellationToken),
                { VersionId: null, UploadId: { } upload, PartNumber: { } part } =>
                    UploadId.TryParse(upload, out UploadId id) ? await removal.DropPartAsync(bucket, key, id, part, cancellationToken) : DropOutcome.NotFound,
                _ => throw ControlRefusalException.BadRequest("either versionId is needed ('null' where versions are not kept), or uploadId and partNumber"),
            };
        }
        catch (RecordFormatException e)
        {
            throw new ControlRefusalException(StatusCodes.Status409Conflict, $"it was left as it is, since it is not known what would be deleted: {e.Message}");
        }
    }

    private static byte[]? Place(string? cursor)
    {
        try
        {
            return cursor is null ? null : Convert.FromHexString(cursor);
        }
        catch (FormatException)
        {
            throw ControlRefusalException.BadRequest("the cursor is not from a previous answer");
        }
    }
}

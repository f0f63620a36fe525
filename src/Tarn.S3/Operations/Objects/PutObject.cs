using Microsoft.AspNetCore.Http;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Access;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>PUT /bucket/key. Source: Amazon S3 API Reference, PutObject.</summary>
internal sealed class PutObject(ObjectWriter writer, UploadAccess access, LifecycleHeaders lifecycle) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        await StoreAsync(context);
        context.Response.ContentLength = 0;
    }

    /// <summary>Stores an upload as its headers ask, and describes the stored object in the answer's headers.</summary>
    /// <param name="context">The request.</param>
    /// <param name="body">The object's bytes, if they are not the request's body.</param>
    /// <param name="tags">The object's tags, if they are not in the headers.</param>
    /// <param name="most">The maximum size of the object, in bytes.</param>
    public async Task<StoredObject> StoreAsync(
        S3Context context, IUploadBody? body = null, TagSet? tags = null, long most = IngestRequest.MaxUploadLength)
    {
        IHeaderDictionary headers = context.Request.UploadHeaders;
        ObjectMetadata metadata = ObjectHeaders.Read(headers);
        WriteCondition condition = WriteConditions.Read(headers).Over(context.ReplacesOnlyOf);
        IngestRequest ingest = Ingestion.Read(headers) with { MaxLength = most };
        UploadGrant grant = await access.ReadAsync(context);
        StoredObject stored = await writer.PutAsync(
            context.RequiredBucket,
            context.Key,
            grant.OwnerId,
            metadata with { Tags = tags?.Pairs ?? metadata.Tags, Acl = grant.Acl },
            body ?? context.Body,
            ingest,
            condition,
            context.CancellationToken);

        HttpResponse response = context.Response;
        response.Headers.ETag = $"\"{stored.ETag}\"";
        ChecksumOutput.WriteHeaders(response.Headers, stored.Checksum);
        VersionParameter.WriteMade(response, context.RequiredBucket, stored);
        await lifecycle.WriteExpirationAsync(context, stored);
        return stored;
    }
}

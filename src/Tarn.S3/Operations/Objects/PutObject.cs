using Microsoft.AspNetCore.Http;
using Tarn.Core.Objects;
using Tarn.S3.Access;
using Tarn.S3.Pipeline;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>PUT /bucket/key. Source: Amazon S3 API Reference, PutObject.</summary>
internal sealed class PutObject(ObjectWriter writer, UploadAccess access, LifecycleHeaders lifecycle) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        ObjectMetadata metadata = ObjectHeaders.Read(headers);
        WriteCondition condition = WriteConditions.Read(headers);
        IngestRequest ingest = Ingestion.Read(headers);
        UploadGrant grant = await access.ReadAsync(context);
        StoredObject stored = await writer.PutAsync(
            context.RequiredBucket, context.Key, grant.OwnerId, metadata with { Acl = grant.Acl }, context.Body, ingest, condition, context.CancellationToken);

        HttpResponse response = context.Response;
        response.Headers.ETag = $"\"{stored.ETag}\"";
        ChecksumOutput.WriteHeaders(response.Headers, stored.Checksum);
        VersionParameter.Write(response, context.RequiredBucket, stored);
        await lifecycle.WriteExpirationAsync(context, stored);
        response.ContentLength = 0;
    }
}

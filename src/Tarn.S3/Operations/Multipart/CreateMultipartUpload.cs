using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects.Multipart;
using Tarn.S3.Access;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Multipart;

/// <summary>POST /bucket/key?uploads. Source: Amazon S3 API Reference, CreateMultipartUpload.</summary>
internal sealed class CreateMultipartUpload(MultipartUploads uploads, UploadAccess access, LifecycleHeaders lifecycle) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        ObjectMetadata metadata = ObjectHeaders.Read(headers);
        (ChecksumAlgorithm? algorithm, ChecksumType type) = ReadChecksum(headers);
        UploadGrant grant = await access.ReadAsync(context);
        (string Id, string Name) initiator = UploadAccess.Requester(context.Principal);
        MultipartUpload upload = await uploads.CreateAsync(
            context.RequiredBucket, context.Key, grant.OwnerId, grant.OwnerName, metadata with { Acl = grant.Acl }, algorithm, type,
            context.CancellationToken, initiator.Id == grant.OwnerId ? null : initiator, WriteConditions.Read(headers));
        if (algorithm is { } named)
        {
            context.Response.Headers["x-amz-checksum-algorithm"] = ChecksumAlgorithms.Name(named);
            context.Response.Headers["x-amz-checksum-type"] = ChecksumOutput.TypeName(type);
        }

        await lifecycle.WriteAbortAsync(context, context.Key, upload.Initiated);
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("InitiateMultipartUploadResult"u8);
            xml.Element("Bucket"u8, context.RequiredBucket.Name.Value);
            xml.Element("Key"u8, context.Key.Utf8);
            xml.Element("UploadId"u8, upload.Id.ToString());
            xml.End("InitiateMultipartUploadResult"u8);
        });
    }

    private static (ChecksumAlgorithm? Algorithm, ChecksumType Type) ReadChecksum(IHeaderDictionary headers)
    {
        ChecksumType? type = ChecksumHeaders.ReadType(headers);
        if (ChecksumHeaders.ReadAlgorithm(headers) is not { } algorithm)
        {
            return type is null
                ? (null, ChecksumType.FullObject)
                : throw new S3Exception(S3Error.InvalidRequest, "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
        }

        ChecksumType chosen = type ?? ChecksumAlgorithms.DefaultType(algorithm);
        return ChecksumAlgorithms.Allows(algorithm, chosen)
            ? (algorithm, chosen)
            : throw new S3Exception(S3Error.InvalidRequest, $"The {ChecksumOutput.TypeName(chosen)} checksum type cannot be used with the {ChecksumAlgorithms.Name(algorithm).ToLowerInvariant()} checksum algorithm.");
    }
}

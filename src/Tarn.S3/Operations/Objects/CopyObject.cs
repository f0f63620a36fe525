using Microsoft.AspNetCore.Http;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Access;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>PUT /bucket/key with x-amz-copy-source. Source: Amazon S3 API Reference, CopyObject.</summary>
internal sealed class CopyObject(CopySourceReader sources, ObjectCopier copier, UploadAccess access, LifecycleHeaders lifecycle) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        ObjectMetadata given = ObjectHeaders.Read(headers);
        bool replace = Directive(headers, "x-amz-metadata-directive", "Unknown metadata directive.");
        bool replaceTags = TaggingHeader.ReadReplaces(headers);
        string? storageClass = ObjectHeaders.ReadStorageClass(headers);
        ChecksumAlgorithm? algorithm = ChecksumHeaders.ReadAlgorithm(headers);
        WriteCondition condition = WriteConditions.Read(headers).Over(context.ReplacesOnlyOf);
        UploadGrant grant = await access.ReadAsync(context);
        AccessTarget source = await sources.ReadAsync(context);
        Bucket bucket = source.Bucket;
        bool ontoItself = source.Version is null && bucket.Name == context.RequiredBucket.Name && source.Key == context.Key;
        if (ontoItself && !replace && storageClass is null && algorithm is null)
        {
            throw new S3Exception(
                S3Error.InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.");
        }

        StoredObject? copied = null;
        StoredObject copy = await copier.CopyAsync(
            async () => copied = await sources.FindAsync(context, source, copiesTags: !replaceTags),
            context.RequiredBucket,
            context.Key,
            grant.OwnerId,
            original => Choose(original, given, replace, storageClass) with
            {
                Tags = replaceTags ? given.Tags : original.Tags,
                Acl = grant.Acl,
            },
            algorithm,
            condition,
            context.CancellationToken);
        VersionParameter.WriteMade(context.Response, context.RequiredBucket, copy);
        CopySourceReader.WriteVersion(context, bucket, copied);
        await lifecycle.WriteExpirationAsync(context, copy);
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("CopyObjectResult"u8);
            xml.ETag(copy.ETag.ToString());
            xml.Element("LastModified"u8, copy.LastModified);
            ChecksumOutput.WriteObject(ref xml, copy.Checksum);
            xml.End("CopyObjectResult"u8);
        });
    }

    /// <summary>The storage class is never copied; the rest is, unless the request replaces it.</summary>
    private static ObjectMetadata Choose(ObjectMetadata original, ObjectMetadata given, bool replace, string? storageClass) =>
        (replace ? given : original) with { StorageClass = storageClass ?? StorageClasses.Standard };

    private static bool Directive(IHeaderDictionary headers, string name, string message) => headers[name].ToString() switch
    {
        "" or "COPY" => false,
        "REPLACE" => true,
        string other => throw Arguments.Invalid(message, name, other),
    };
}

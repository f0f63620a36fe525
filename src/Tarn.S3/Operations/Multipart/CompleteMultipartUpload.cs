using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Documents;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Multipart;

/// <summary>POST /bucket/key?uploadId. Source: Amazon S3 API Reference, CompleteMultipartUpload.</summary>
internal sealed class CompleteMultipartUpload(MultipartCompletion completion, LifecycleHeaders lifecycle) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        CompletionRequest request = await ReadAsync(context);
        StoredObject made = await completion.CompleteAsync(
            context.RequiredBucket, context.Key, context.Query["uploadId"], request, context.CancellationToken);
        VersionParameter.WriteMade(context.Response, context.RequiredBucket, made);
        await lifecycle.WriteExpirationAsync(context, made);
        string location = context.Request.PublicUrl + context.Request.Address.RawPath;
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("CompleteMultipartUploadResult"u8);
            xml.Element("Location"u8, location);
            xml.Element("Bucket"u8, context.RequiredBucket.Name.Value);
            xml.Element("Key"u8, context.Key.Utf8);
            xml.ETag(made.ETag.ToString());
            ChecksumOutput.WriteObject(ref xml, made.Checksum);
            xml.End("CompleteMultipartUploadResult"u8);
        });
    }

    private static async ValueTask<CompletionRequest> ReadAsync(S3Context context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        WriteCondition condition = WriteConditions.Read(headers).Over(context.ReplacesOnlyOf);

        // The checksum headers of this request describe the resulting object; Content-MD5 describes the document in the body.
        byte[]? md5 = ContentMd5.Read(headers);
        (ChecksumAlgorithm Algorithm, string Text)? checksum = ChecksumHeaders.FindValue(headers);
        if (checksum is { } sent && !Checksum.TryParse(sent.Algorithm, sent.Text, out _, out _))
        {
            throw new S3Exception(S3Error.InvalidRequest, $"Value for {ChecksumAlgorithms.HeaderName(sent.Algorithm)} header is invalid.");
        }

        using DocumentBytes bytes = await context.Caller.ReadDocumentAsync(DocumentShapes.Completion.Limit);
        VerifiedBody.ThrowIfMd5Differs(bytes.Sequence, md5);
        DocumentElement document = DocumentReader.Read(DocumentShapes.Completion, bytes.Sequence);
        List<CompletionPart> parts = [.. document.Children.Select(ReadPart)];
        if (parts.Count == 0)
        {
            throw new S3Exception(S3Error.MalformedXml);
        }

        return new CompletionRequest
        {
            Parts = parts,
            Checksum = checksum,
            ChecksumType = ChecksumHeaders.ReadType(headers),
            ObjectSize = ReadSize(headers),
            Condition = condition,
        };
    }

    private static CompletionPart ReadPart(DocumentElement part)
    {
        string? number = part.TextOf("PartNumber")?.Trim();
        string? etag = part.TextOf("ETag")?.Trim();
        if (etag is null || !int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int place))
        {
            throw new S3Exception(S3Error.MalformedXml);
        }

        if (place is < 1 or > MultipartUpload.MaxPartNumber)
        {
            throw Arguments.Invalid("PartNumber must be >= 1 and <= 10000", "partNumber", number!);
        }

        var checksums = new Dictionary<ChecksumAlgorithm, string>();
        foreach (ChecksumAlgorithm algorithm in ChecksumAlgorithms.All)
        {
            if (part.TextOf("Checksum" + ChecksumAlgorithms.Name(algorithm)) is { } value)
            {
                checksums[algorithm] = value.Trim();
            }
        }

        return new CompletionPart(place, etag) { Checksums = checksums };
    }

    private static long? ReadSize(IHeaderDictionary headers)
    {
        string text = headers["x-amz-mp-object-size"].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            ? size
            : throw Arguments.Invalid("Value for x-amz-mp-object-size header is invalid.", "x-amz-mp-object-size", text);
    }
}

using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Model;

namespace Tarn.S3.Wire;

/// <summary>
/// The headers that an upload stores with its object. Source: Amazon S3 API Reference, PutObject; User Guide, "Working with object metadata".
/// </summary>
internal static class ObjectHeaders
{
    /// <summary>The maximum number of bytes of user metadata: the names (without <c>x-amz-meta-</c>) and values together.</summary>
    public const int MaxMetadataBytes = 2048;

    /// <summary>Reads the headers.</summary>
    /// <exception cref="S3Exception">MetadataTooLarge, InvalidStorageClass, InvalidArgument (tags, control characters), InvalidTag, BadRequest (too many tags).</exception>
    public static ObjectMetadata Read(IHeaderDictionary headers)
    {
        ThrowIfControlCharacters(headers);
        return new ObjectMetadata
        {
            ContentType = Text(headers.ContentType) ?? ObjectMetadata.DefaultContentType,
            CacheControl = Text(headers.CacheControl),
            ContentDisposition = Text(headers.ContentDisposition),
            ContentEncoding = StripAwsChunked(Text(headers.ContentEncoding)),
            ContentLanguage = Text(headers.ContentLanguage),
            Expires = Text(headers.Expires),
            StorageClass = ReadStorageClass(headers) ?? StorageClasses.Standard,
            User = ReadMetadata(headers),
            Tags = TaggingHeader.Read(headers).Pairs,
        };
    }

    /// <summary>
    /// Sets the stored headers on an answer. One that cannot be sent, because an older build accepted it, is left out and counted in
    /// x-amz-missing-meta: the object stays readable. Source: Amazon S3 API Reference, GetObject.
    /// </summary>
    public static void Write(ObjectMetadata metadata, IHeaderDictionary response)
    {
        response.ContentType = ObjectMetadata.DefaultContentType;
        int missing = Set(response, "Content-Type", metadata.ContentType)
            + Set(response, "Cache-Control", metadata.CacheControl)
            + Set(response, "Content-Disposition", metadata.ContentDisposition)
            + Set(response, "Content-Encoding", metadata.ContentEncoding)
            + Set(response, "Content-Language", metadata.ContentLanguage)
            + Set(response, "Expires", metadata.Expires);
        if (metadata.StorageClass != StorageClasses.Standard)
        {
            response["x-amz-storage-class"] = metadata.StorageClass;
        }

        foreach ((string name, string value) in metadata.User)
        {
            missing += Set(response, StoredHeaders.MetadataPrefix + name, EncodedWords.Encode(value));
        }

        if (missing > 0)
        {
            response["x-amz-missing-meta"] = missing.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Removes <c>aws-chunked</c> from a list of codings; null when nothing is left.</summary>
    public static string? StripAwsChunked(string? codings)
    {
        if (codings is null || !codings.Contains("aws-chunked", StringComparison.OrdinalIgnoreCase))
        {
            return string.IsNullOrEmpty(codings) ? null : codings;
        }

        string rest = string.Join(',', codings.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(c => !c.Equals("aws-chunked", StringComparison.OrdinalIgnoreCase)));
        return rest.Length == 0 ? null : rest;
    }

    /// <summary>Refuses control characters in stored headers: Kestrel accepts but does not send them, so that the object could be stored but not read.</summary>
    private static void ThrowIfControlCharacters(IHeaderDictionary headers)
    {
        foreach (var header in headers)
        {
            foreach (string? value in header.Value)
            {
                if (StoredHeaders.IsUnsendable(value) && StoredHeaders.Contains(header.Key))
                {
                    throw Arguments.Invalid("A stored header cannot contain control characters.", header.Key.ToLowerInvariant(), value!);
                }
            }
        }
    }

    private static List<KeyValuePair<string, string>> ReadMetadata(IHeaderDictionary headers)
    {
        List<KeyValuePair<string, string>>? metadata = null;
        int bytes = 0;
        foreach (var header in headers)
        {
            if (!header.Key.StartsWith(StoredHeaders.MetadataPrefix, StringComparison.OrdinalIgnoreCase) || header.Key.Length == StoredHeaders.MetadataPrefix.Length)
            {
                continue;
            }

            string name = header.Key[StoredHeaders.MetadataPrefix.Length..].ToLowerInvariant();
            string value = header.Value.Count == 1 ? header.Value[0] ?? "" : string.Join(',', header.Value.ToArray());
            bytes += Encoding.UTF8.GetByteCount(name) + HeaderText.GetByteCount(value);
            (metadata ??= []).Add(new(name, value));
        }

        return bytes <= MaxMetadataBytes
            ? metadata ?? []
            : throw new S3Exception(S3Error.MetadataTooLarge)
            {
                Details =
                [
                    new("Size", bytes.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                    new("MaxSizeAllowed", MaxMetadataBytes.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                ],
            };
    }

    /// <summary>The storage class in the request; null when there is none.</summary>
    public static string? ReadStorageClass(IHeaderDictionary headers)
    {
        string? name = Text(headers["x-amz-storage-class"]);
        return name is null || StorageClasses.IsKnown(name)
            ? name
            : throw new S3Exception(S3Error.InvalidStorageClass);
    }

    private static string? Text(Microsoft.Extensions.Primitives.StringValues values) => values.Count == 0 || values.ToString() is not { Length: > 0 } text ? null : text;

    /// <summary>Sets a header if it has a value; returns 1 when it cannot be sent, otherwise 0.</summary>
    private static int Set(IHeaderDictionary response, string name, string? value)
    {
        if (StoredHeaders.IsUnsendable(value))
        {
            return 1;
        }

        if (value is not null)
        {
            response[name] = value;
        }

        return 0;
    }
}

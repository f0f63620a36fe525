using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Routing;

namespace Tarn.S3.Wire;

/// <summary>
/// The object that <c>x-amz-copy-source</c> names: <c>[/]bucket/key[?versionId=id]</c>, URL-encoded once. A bare plus sign is a space,
/// unlike in the path of a request: S3 decodes the header that way, so SDKs send a plus sign as %2B, and some send a space as a plus
/// sign. Source: Amazon S3 API Reference, CopyObject.
/// </summary>
internal readonly record struct CopySource(string Bucket, ObjectKey Key, string? VersionId)
{
    private const string VersionSuffix = "?versionId=";

    /// <summary>Reads the header.</summary>
    /// <exception cref="S3Exception">InvalidArgument when it does not name an object; NotImplemented for access point ARNs.</exception>
    public static CopySource Parse(string header)
    {
        ReadOnlySpan<char> text = header;
        if (text.StartsWith("arn:", StringComparison.Ordinal))
        {
            throw new S3Exception(S3Error.NotImplemented, "Copying from access points is not implemented.");
        }

        // An unescaped question mark ends the key: one in the key is sent as %3F.
        string? versionId = null;
        int suffix = text.LastIndexOf(VersionSuffix, StringComparison.Ordinal);
        if (suffix >= 0)
        {
            versionId = PercentDecoder.DecodeToString(text[(suffix + VersionSuffix.Length)..], plusIsSpace: false);
            text = text[..suffix];
            if (string.IsNullOrEmpty(versionId))
            {
                throw Invalid("Version id cannot be the empty string", header);
            }
        }

        // Some clients encode the slash between bucket and key as well.
        if (text.StartsWith('/'))
        {
            text = text[1..];
        }
        else if (text.StartsWith("%2F", StringComparison.OrdinalIgnoreCase))
        {
            text = text[3..];
        }

        int slash = text.IndexOf('/');
        int encoded = text.IndexOf("%2F", StringComparison.OrdinalIgnoreCase);
        (int end, int next) = encoded >= 0 && (slash < 0 || encoded < slash) ? (encoded, encoded + 3) : (slash, slash + 1);
        string? bucket = end <= 0 ? null : PercentDecoder.DecodeToString(text[..end], plusIsSpace: false);
        if (bucket is null || next >= text.Length)
        {
            throw Invalid("Copy Source must mention the source bucket and key: sourcebucket/sourcekey", header);
        }

        if (S3Address.DecodeKey(text[next..], out ObjectKey key, plusIsSpace: true) is { } refusal)
        {
            throw refusal == S3Error.KeyTooLong ? new S3Exception(refusal) : Invalid("Invalid copy source encoding.", header);
        }

        return new CopySource(bucket, key, versionId);
    }

    private static S3Exception Invalid(string message, string header) => new(S3Error.InvalidArgument, message)
    {
        Details = [new("ArgumentName", "x-amz-copy-source"), new("ArgumentValue", header)],
    };
}

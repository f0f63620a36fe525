using System.Collections.Frozen;
using System.Text;
using Tarn.Core.Errors;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Auth.SigV2;

/// <summary>
/// The part of a request's target that Signature Version 2 covers: the path, and the sub-resources and response overrides in its
/// list. The holder of a signed URL could add other parameters, so those that have a meaning are refused.
/// Source: Amazon S3 User Guide, "Signing and authenticating REST requests (AWS signature version 2)", CanonicalizedResource; what SDKs
/// sign beyond that text: accelerate, analytics, cors, delete, inventory, metrics, object-lock, replication, restore, tagging.
/// </summary>
internal static class SigV2Resource
{
    private static readonly FrozenSet<string> Signed = FrozenSet.Create(
        StringComparer.Ordinal,
        "accelerate", "acl", "analytics", "cors", "delete", "inventory", "lifecycle", "location", "logging", "metrics", "notification",
        "object-lock", "partNumber", "policy", "replication", "requestPayment", "restore", "tagging", "torrent", "uploadId", "uploads",
        "versionId", "versioning", "versions", "website",
        "response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language",
        "response-content-type", "response-expires");

    /// <summary>Whether the signature covers a parameter of this name.</summary>
    public static bool Covers(string name) => Signed.Contains(name);

    /// <summary>Refuses a query that asks for more than its signature covers.</summary>
    /// <param name="query">The decoded query.</param>
    /// <param name="known">The parameters that mean something.</param>
    /// <param name="presigned">
    /// Whether the signer need not be the sender. With a signature in the header they are the same, so only parameters that would select another
    /// operation are refused; the parameters of listings have never been signed.
    /// </param>
    /// <exception cref="S3Exception">InvalidRequest.</exception>
    public static void ThrowIfNotCovered(RequestQuery query, KnownParameters known, bool presigned)
    {
        foreach (ref readonly KeyValuePair<string, string> pair in query.Span)
        {
            if (!Covers(pair.Key)
                && (known.IsSubresource(pair.Key)
                    || (presigned && (known.Contains(pair.Key) || pair.Key.StartsWith("response-", StringComparison.Ordinal)))))
            {
                throw new S3Exception(
                    S3Error.InvalidRequest, $"Signature Version 2 does not cover the query parameter {pair.Key}. Use Signature Version 4.")
                {
                    Details = [new("ParameterName", pair.Key)],
                };
            }
        }
    }

    /// <summary>The canonicalized resource, in each form in which it may have been signed.</summary>
    /// <param name="target">As sent.</param>
    /// <param name="hostBucket">The bucket that the host names; null when it is in the path.</param>
    /// <exception cref="S3Exception">InvalidArgument for a value that could be mistaken for further parameters.</exception>
    public static IEnumerable<string> Forms(RawTarget target, string? hostBucket)
    {
        string bucket = hostBucket is null ? "" : "/" + hostBucket;
        string query = Query(target.Query, emptyHasEquals: false), other = Query(target.Query, emptyHasEquals: true);
        yield return bucket + target.Path + query;
        if (other != query)
        {
            yield return bucket + target.Path + other;
        }

        string decoded = Decoded(target.Path.Span);
        if (!target.Path.Span.SequenceEqual(decoded))
        {
            yield return bucket + decoded + query;
        }
    }

    private static string Decoded(ReadOnlySpan<char> path)
    {
        var bytes = new PooledBytes(stackalloc byte[256]);
        try
        {
            UriEncoding.AppendPath(ref bytes, path, PathForm.Decoded);
            return Encoding.UTF8.GetString(bytes.Written);
        }
        finally
        {
            bytes.Dispose();
        }
    }

    /// <summary>The covered parameters, sorted by name, their values decoded.</summary>
    private static string Query(ReadOnlyMemory<char> raw, bool emptyHasEquals)
    {
        if (raw.IsEmpty || !RequestQuery.TryParse(raw.Span, out RequestQuery query))
        {
            return "";
        }

        KeyValuePair<string, string>[] covered = [.. query.Pairs.Where(pair => Covers(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal)];
        if (covered.Length == 0)
        {
            return "";
        }

        string text = string.Join('&', covered.Select(pair => pair.Value.Length == 0 && !emptyHasEquals ? pair.Key : $"{pair.Key}={pair.Value}"));
        if (text.Split('&').Count(part => Covers(part.Split('=')[0])) != covered.Length)
        {
            // Values are signed decoded: "a&versionId=b" in one of them would look like a signed parameter that is missing.
            KeyValuePair<string, string> culprit = covered.First(pair => pair.Value.Contains('&', StringComparison.Ordinal));
            throw Arguments.Invalid("Signature Version 2 cannot tell this value from another parameter. Use Signature Version 4.", culprit.Key, culprit.Value);
        }

        return "?" + text;
    }
}

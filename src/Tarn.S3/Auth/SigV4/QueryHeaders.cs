using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Auth.SigV4;

/// <summary>
/// The headers that SDKs move into a signed query ("hoist") because the user of a URL does not send them: every <c>x-amz-*</c>
/// parameter counts as the header of its name. They are merged into the request's headers before anything reads them, so that
/// routing, policies and operations all see the same headers.
/// </summary>
internal static class QueryHeaders
{
    private const string Prefix = "x-amz-";

    /// <summary>Whether a parameter's name is reserved for Amazon's headers, known or not.</summary>
    public static bool IsAmazon(ReadOnlySpan<char> name) => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Adds the headers of the query. Null on success, otherwise the refusal: InvalidArgument for a parameter that cannot be a header or
    /// comes twice, InvalidRequest for one that a header contradicts.
    /// </summary>
    public static S3Exception? Merge(RequestQuery query, IHeaderDictionary headers)
    {
        HashSet<string>? merged = null;
        foreach (ref readonly KeyValuePair<string, string> pair in query.Span)
        {
            if (!Counts(pair.Key))
            {
                continue;
            }

            string value = Trim(pair.Value);
            if (!HttpToken.IsToken(pair.Key) || StoredHeaders.IsUnsendable(value))
            {
                return Arguments.Invalid("A query parameter that counts as a header must be a valid header.", pair.Key, pair.Value);
            }

            if (!(merged ??= new(StringComparer.OrdinalIgnoreCase)).Add(pair.Key))
            {
                return Arguments.Invalid($"The query parameter {pair.Key} may occur only once.", pair.Key, pair.Value);
            }

            if (!headers.TryGetValue(pair.Key, out StringValues sent))
            {
                headers[pair.Key] = value;
            }
            else if (Trim(sent.ToString()) != value)
            {
                return new S3Exception(S3Error.InvalidRequest, $"The header {pair.Key.ToLowerInvariant()} and the query parameter of that name contradict each other.");
            }
        }

        return null;
    }

    /// <summary>The headers in a query, the first of each name; they are signed with the query.</summary>
    /// <param name="rawQuery">As sent.</param>
    public static Dictionary<string, string> Of(ReadOnlyMemory<char> rawQuery)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (RequestQuery.TryParse(rawQuery.Span, out RequestQuery query))
        {
            foreach (ref readonly KeyValuePair<string, string> pair in query.Span)
            {
                if (Counts(pair.Key))
                {
                    headers.TryAdd(pair.Key, Trim(pair.Value));
                }
            }
        }

        return headers;
    }

    /// <summary>Whether the query has this header with this value.</summary>
    public static bool Carry(Dictionary<string, string> headers, string name, StringValues value) =>
        headers.TryGetValue(name, out string? known) && known == Trim(value.ToString());

    /// <summary>Whether the parameter is a header and not a part of the signature. A session token is always a header.</summary>
    private static bool Counts(string name) =>
        IsAmazon(name)
        && name is not ("X-Amz-Algorithm" or "X-Amz-Credential" or "X-Amz-Date" or "X-Amz-Expires" or "X-Amz-SignedHeaders" or "X-Amz-Signature"
            or "X-Amz-Content-Sha256")
        && !IsIgnored(name);

    /// <summary>Headers that S3 ignores in a query: the JavaScript SDK puts a checksum of no bytes into each URL for an upload.</summary>
    private static bool IsIgnored(string name) =>
        name.StartsWith("x-amz-checksum-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("x-amz-sdk-", StringComparison.OrdinalIgnoreCase);

    private static string Trim(string value) => value.Trim(' ', '\t');
}

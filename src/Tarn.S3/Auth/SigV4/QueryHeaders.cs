using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Auth.SigV4;

/// <summary>
/// The headers that SDKs put into a signed query ("hoist") because whoever opens a URL sends none of them: every <c>x-amz-*</c>
/// parameter counts as the header of its name. They are merged into the request's headers before anything reads those, so that
/// routing, policies and operations see one and the same.
/// </summary>
internal static class QueryHeaders
{
    private const string Prefix = "x-amz-";

    /// <summary>Whether a parameter has a name that is kept for Amazon's headers, whatever it means.</summary>
    public static bool IsAmazon(ReadOnlySpan<char> name) => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Adds the headers of the query. Null when all is well, otherwise the refusal: InvalidArgument for a parameter that can be no header or
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
                return Arguments.Invalid("A query parameter that counts as a header must be one that a header can be.", pair.Key, pair.Value);
            }

            if (!(merged ??= new(StringComparer.OrdinalIgnoreCase)).Add(pair.Key))
            {
                return Arguments.Invalid($"The query parameter {pair.Key} may come only once.", pair.Key, pair.Value);
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

    /// <summary>The headers that a query has, the first of each name: whoever signed the query signed them.</summary>
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

    /// <summary>Whether they have this very header.</summary>
    public static bool Carry(Dictionary<string, string> headers, string name, StringValues value) =>
        headers.TryGetValue(name, out string? known) && known == Trim(value.ToString());

    /// <summary>Whether it is a header, and not a part of the signature. A session token is a header wherever it comes.</summary>
    private static bool Counts(string name) =>
        IsAmazon(name)
        && name is not ("X-Amz-Algorithm" or "X-Amz-Credential" or "X-Amz-Date" or "X-Amz-Expires" or "X-Amz-SignedHeaders" or "X-Amz-Signature"
            or "X-Amz-Content-Sha256")
        && !IsIgnored(name);

    /// <summary>What S3 takes no notice of in a query: JavaScript's SDK puts a checksum of nothing into each URL for an upload.</summary>
    private static bool IsIgnored(string name) =>
        name.StartsWith("x-amz-checksum-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("x-amz-sdk-", StringComparison.OrdinalIgnoreCase);

    private static string Trim(string value) => value.Trim(' ', '\t');
}

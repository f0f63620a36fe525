using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.S3.Routing;

namespace Tarn.S3.Wire;

/// <summary>
/// Refuses requests for features of S3's that this server does not have, by the row of their operation. Unknown names are ignored, as at AWS: clients,
/// tracers and content delivery networks add their own.
/// </summary>
internal static class RequestFeatures
{
    private const string Override = "response-";

    /// <summary>Refuses a request with a header or parameter that has a meaning in S3 and that its operation does not honor.</summary>
    /// <param name="operation">The row.</param>
    /// <param name="query">The request's.</param>
    /// <param name="headers">The request's, including those in its query, or the fields of a form.</param>
    /// <exception cref="S3Exception">NotImplemented; InvalidRequest for an object's header on a bucket; InvalidArgument for a response header.</exception>
    public static void ThrowIfUnsupported(S3Operation operation, RequestQuery query, IHeaderDictionary headers)
    {
        foreach (var header in headers)
        {
            if (operation.Refused.Find(header.Key) is { } refused && !refused.Permits(header.Value.ToString()))
            {
                throw Refusal(refused, header.Key);
            }
        }

        foreach (ref readonly KeyValuePair<string, string> pair in query.Span)
        {
            if (pair.Key.StartsWith(Override, StringComparison.Ordinal) && !operation.Parameters.Contains(pair.Key))
            {
                throw Arguments.Invalid($"{pair.Key} does not name a response header that can be overridden.", pair.Key, pair.Value);
            }
        }
    }

    private static S3Exception Refusal(RefusedHeader refused, string sent)
    {
        if (refused.BelongsToObjects)
        {
            return new S3Exception(S3Error.InvalidRequest, $"The header {sent} applies to objects, but the request addresses a bucket.");
        }

        string name = sent.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) ? sent.ToLowerInvariant() : refused.Name;
        return new S3Exception(
            S3Error.NotImplemented,
            refused.IsChecksum
                ? $"The checksum in the header {name} is not implemented. Valid types: [{ChecksumAlgorithms.Names}]"
                : $"A header you provided implies functionality that is not implemented: {name}")
        {
            Details = [new("Header", name), new("additionalMessage", "The header is not supported.")],
        };
    }
}

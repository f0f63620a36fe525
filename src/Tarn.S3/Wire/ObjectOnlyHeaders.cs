using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;

namespace Tarn.S3.Wire;

/// <summary>
/// Headers that say what an object is, or under which condition it is stored, and that buckets have no use for: a request that would make
/// a bucket and has one is an upload whose bucket is in a host name that this server does not know.
/// </summary>
internal static class ObjectOnlyHeaders
{
    private static readonly string[] Prefixes = ["x-amz-meta-", "x-amz-copy-source", "If-"];

    private static readonly string[] Names =
    [
        "Cache-Control", "Content-Disposition", "Content-Language", "Expires", "x-amz-metadata-directive", "x-amz-storage-class",
        "x-amz-tagging", "x-amz-tagging-directive",
    ];

    /// <summary>Refuses a request with such a header.</summary>
    /// <exception cref="S3Exception">InvalidRequest.</exception>
    public static void Refuse(IHeaderDictionary headers)
    {
        foreach (var header in headers)
        {
            if (IsOfObjects(header.Key, header.Value.ToString()))
            {
                throw Refusal(header.Key);
            }
        }
    }

    /// <summary>Refuses a request with a condition on an object.</summary>
    /// <exception cref="S3Exception">InvalidRequest.</exception>
    public static void RefuseConditions(IHeaderDictionary headers)
    {
        if (headers.FirstOrDefault(static header => header.Key.StartsWith("If-", StringComparison.OrdinalIgnoreCase)).Key is { } name)
        {
            throw Refusal(name);
        }
    }

    private static S3Exception Refusal(string name) =>
        new(S3Error.InvalidRequest, $"The header {name} belongs to an object, but the request addresses a bucket.");

    private static bool IsOfObjects(string name, string value) =>
        Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        || Array.Exists(Names, exact => name.Equals(exact, StringComparison.OrdinalIgnoreCase))

        // The framing of a signed body is written here too, and says nothing about what is stored.
        || (name.Equals("Content-Encoding", StringComparison.OrdinalIgnoreCase) && !value.Equals("aws-chunked", StringComparison.OrdinalIgnoreCase));
}

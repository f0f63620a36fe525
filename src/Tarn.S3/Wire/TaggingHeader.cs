using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Routing;

namespace Tarn.S3.Wire;

/// <summary>Reads tags from the headers of an upload. Source: Amazon S3 API Reference, PutObject and CopyObject.</summary>
internal static class TaggingHeader
{
    public const string Name = "x-amz-tagging";
    public const string DirectiveName = "x-amz-tagging-directive";

    /// <summary>The tags that an upload gives its object; none without the header.</summary>
    /// <exception cref="S3Exception">InvalidArgument when it is not an encoded query or repeats a tag; InvalidTag; BadRequest for more than 10.</exception>
    public static TagSet Read(IHeaderDictionary headers)
    {
        string text = headers[Name].ToString();
        if (text.Length == 0)
        {
            return TagSet.Empty;
        }

        if (!RequestQuery.TryParse(text, out RequestQuery query)
            || query.Pairs.DistinctBy(static pair => pair.Key, StringComparer.Ordinal).Count() != query.Pairs.Count)
        {
            throw Arguments.Invalid(
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.", Name, text);
        }

        return TagSet.Create(query.Pairs, TagLimits.Object);
    }

    /// <summary>Whether a copy gets the request's tags instead of its source's.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static bool ReadReplaces(IHeaderDictionary headers) => headers[DirectiveName].ToString() switch
    {
        "" or "COPY" => false,
        "REPLACE" => true,
        string other => throw Arguments.Invalid("Unknown tagging directive.", DirectiveName, other),
    };
}

using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;

namespace Tarn.S3.Wire;

/// <summary>
/// Headers that ask for what this server does not have. To ignore one would be to promise encryption, locks or grants
/// that the object does not get, so they are refused.
/// </summary>
internal static class UnsupportedHeaders
{
    private static readonly string[] Prefixes =
    [
        "x-amz-server-side-encryption", "x-amz-copy-source-server-side-encryption", "x-amz-object-lock-",
    ];

    private static readonly string[] Names = ["x-amz-mfa", "x-amz-write-offset-bytes", "x-amz-rename-source", "x-amz-website-redirect-location"];

    /// <summary>Refuses a request with such a header. For every operation that writes.</summary>
    /// <param name="headers">The request's.</param>
    /// <param name="takesAcl">Whether the operation sets access control lists; to another one such a header means nothing.</param>
    /// <exception cref="S3Exception">NotImplemented.</exception>
    public static void Refuse(IHeaderDictionary headers, bool takesAcl = false)
    {
        foreach (var header in headers)
        {
            string name = header.Key;
            if (name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && IsUnsupported(name, header.Value.ToString(), takesAcl))
            {
                throw new S3Exception(S3Error.NotImplemented, $"A header you provided implies functionality that is not implemented: {name.ToLowerInvariant()}")
                {
                    Details = [new("Header", name.ToLowerInvariant()), new("additionalMessage", "The header is not supported.")],
                };
            }
        }
    }

    private static bool IsUnsupported(string name, string value, bool takesAcl)
    {
        foreach (string prefix in Prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        foreach (string exact in Names)
        {
            if (name.Equals(exact, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        if (name.StartsWith("x-amz-grant-", StringComparison.OrdinalIgnoreCase))
        {
            return !takesAcl;
        }

        if (name.Equals("x-amz-acl", StringComparison.OrdinalIgnoreCase))
        {
            return !takesAcl && value is not ("private" or "bucket-owner-full-control");
        }

        return name.Equals("x-amz-bucket-object-lock-enabled", StringComparison.OrdinalIgnoreCase)
            && value.Equals("true", StringComparison.OrdinalIgnoreCase);
    }
}

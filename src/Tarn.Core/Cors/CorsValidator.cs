using Tarn.Core.Errors;
using Tarn.Core.Model;

namespace Tarn.Core.Cors;

/// <summary>
/// Rejects the rules that S3 rejects, with its codes and messages. Sources: Amazon S3 User Guide, "Elements of a CORS configuration";
/// API Reference, data type CORSRule.
/// </summary>
internal static class CorsValidator
{
    private const int MaxRules = 100;
    private const int MaxIdLength = 255;

    /// <summary>The maximum number of allowed origins, and of allowed headers, of all rules together. Stored rules with more are still read.</summary>
    public const int MaxPatterns = 1000;

    private static readonly string[] Methods = ["GET", "PUT", "HEAD", "POST", "DELETE"];

    /// <summary>Throws if a rule, or the number of them, is not valid.</summary>
    /// <exception cref="S3Exception">
    /// MalformedXML without rules, or for a rule without methods or origins; InvalidRequest for values that S3 does not accept.
    /// </exception>
    public static void ThrowIfInvalid(IReadOnlyList<CorsRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (rules.Count == 0)
        {
            throw new S3Exception(S3Error.MalformedXml);
        }

        if (rules.Count > MaxRules)
        {
            throw Invalid($"The number of CORS rules should not exceed allowed limit of {MaxRules} rules.");
        }

        foreach (CorsRule rule in rules)
        {
            ThrowIfInvalid(rule);
        }

        if (rules.Sum(static rule => rule.AllowedOrigins.Count) > MaxPatterns || rules.Sum(static rule => rule.AllowedHeaders.Count) > MaxPatterns)
        {
            throw Invalid($"The number of AllowedOrigin or of AllowedHeader elements should not exceed allowed limit of {MaxPatterns}.");
        }
    }

    private static void ThrowIfInvalid(CorsRule rule)
    {
        if (rule.AllowedOrigins.Count == 0 || rule.AllowedMethods.Count == 0 || rule.MaxAgeSeconds < 0)
        {
            throw new S3Exception(S3Error.MalformedXml);
        }

        if (rule.Id?.Length > MaxIdLength)
        {
            throw Invalid($"The ID of a CORS rule should not exceed allowed limit of {MaxIdLength} characters.");
        }

        foreach (string method in rule.AllowedMethods)
        {
            if (!Methods.Contains(method))
            {
                throw Invalid($"Found unsupported HTTP method in CORS config. Unsupported method is {method}");
            }
        }

        foreach (string origin in rule.AllowedOrigins)
        {
            ThrowIfInvalidPattern("AllowedOrigin", origin, IsPrintable(origin));
        }

        foreach (string header in rule.AllowedHeaders)
        {
            ThrowIfInvalidPattern("AllowedHeader", header, HttpToken.IsToken(header));
        }

        foreach (string header in rule.ExposeHeaders)
        {
            if (header.Contains('*', StringComparison.Ordinal))
            {
                throw Invalid($"ExposeHeader \"{header}\" contains wildcard. We currently do not support wildcard for ExposeHeader.");
            }

            ThrowIfInvalidPattern("ExposeHeader", header, HttpToken.IsToken(header));
        }
    }

    private static void ThrowIfInvalidPattern(string element, string text, bool sound)
    {
        if (text.AsSpan().Count('*') > 1)
        {
            throw Invalid($"{element} \"{text}\" can not have more than one wildcard.");
        }

        if (!sound)
        {
            throw Invalid($"{element} \"{text}\" is not valid.");
        }
    }

    private static bool IsPrintable(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static S3Exception Invalid(string message) => new(S3Error.InvalidRequest, message);
}

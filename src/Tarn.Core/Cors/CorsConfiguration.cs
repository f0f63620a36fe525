using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Cors;

/// <summary>The cross-origin rules of a bucket, in the order they were put. Validated when created; immutable.</summary>
public sealed class CorsConfiguration
{
    /// <summary>The maximum number of distinct headers that a preflight may announce; browsers announce a few dozen at most.</summary>
    public const int MaxAnnounced = 100;

    /// <summary>The maximum number of pattern comparisons for one request: a few milliseconds, and more than any configuration that can be put needs.</summary>
    private const int MaxComparisons = 2 * MaxAnnounced * CorsValidator.MaxPatterns;

    /// <summary>How a bucket stores its rules.</summary>
    public static readonly SettingRow<CorsConfiguration> Stored =
        new(BucketConfiguration.Cors, static rules => rules.Encode(), static (bytes, _) => Decode(bytes));

    private CorsConfiguration(IReadOnlyList<CorsRule> rules) => Rules = rules;

    /// <summary>The rules, in order: the first match applies.</summary>
    public IReadOnlyList<CorsRule> Rules { get; }

    /// <summary>Creates a configuration from rules that a client sent.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidRequest, as <see cref="CorsValidator"/> decides.</exception>
    public static CorsConfiguration Create(IReadOnlyList<CorsRule> rules)
    {
        CorsValidator.ThrowIfInvalid(rules);
        return new CorsConfiguration(rules);
    }

    /// <summary>A stored configuration, which may predate a check in <see cref="Create"/>.</summary>
    internal static CorsConfiguration FromStorage(IReadOnlyList<CorsRule> rules) => new(rules);

    /// <summary>Finds the first rule that allows the request; null when none does, or when the search would take too many comparisons.</summary>
    /// <param name="origin">The Origin header.</param>
    /// <param name="method">The request's method; for a preflight, the method that it announces.</param>
    /// <param name="headers">The headers that a preflight announces; empty for any other request.</param>
    public CorsGrant? Find(string origin, string method, IReadOnlyList<string> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        string[] names = [.. headers.Distinct(StringComparer.OrdinalIgnoreCase).Take(MaxAnnounced + 1)];
        if (names.Length > MaxAnnounced)
        {
            return null;
        }

        long left = MaxComparisons;
        foreach (CorsRule rule in Rules)
        {
            left -= rule.AllowedOrigins.Count + ((long)names.Length * rule.AllowedHeaders.Count);
            if (left < 0)
            {
                return null;
            }

            if (rule.AllowedMethods.Contains(method) && rule.FindOrigin(origin) is { } pattern && Array.TrueForAll(names, rule.AllowsHeader))
            {
                return new CorsGrant(rule, pattern == "*" ? null : origin);
            }
        }

        return null;
    }

    /// <summary>Encodes the persisted form.</summary>
    public byte[] Encode() => CorsCodec.Encode(Rules);

    /// <summary>Reads the persisted form.</summary>
    /// <exception cref="RecordFormatException">The record is damaged, or was written by a newer build.</exception>
    public static CorsConfiguration Decode(byte[] bytes) => FromStorage(CorsCodec.Decode(bytes));
}

using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Cors;

/// <summary>The cross-origin rules of a bucket, in the order they were put. Validated when created; immutable.</summary>
public sealed class CorsConfiguration
{
    /// <summary>Source: Amazon S3 User Guide, "Elements of a CORS configuration".</summary>
    public const int MaxRules = 100;

    /// <summary>Characters of the longest rule ID. Source: Amazon S3 API Reference, data type CORSRule.</summary>
    public const int MaxIdLength = 255;

    /// <summary>Most allowed origins, and most allowed headers, of all rules together. Stored rules with more are still read.</summary>
    public const int MaxPatterns = 1000;

    /// <summary>The maximum number of distinct headers that a preflight may announce; browsers announce a few dozen at most.</summary>
    public const int MaxAnnounced = 100;

    /// <summary>The maximum number of pattern comparisons for one request: a few milliseconds, and more than any configuration that can be put needs.</summary>
    private const int MaxComparisons = 2 * MaxAnnounced * MaxPatterns;

    /// <summary>How a bucket stores its rules.</summary>
    public static readonly SettingRow<CorsConfiguration> Stored =
        new(BucketConfiguration.Cors, static rules => rules.Encode(), static (bytes, _) => Decode(bytes));

    private const byte Marker = 1;

    private static readonly string[] Methods = ["GET", "PUT", "HEAD", "POST", "DELETE"];

    private CorsConfiguration(IReadOnlyList<CorsRule> rules) => Rules = rules;

    /// <summary>The rules, in order: the first match applies.</summary>
    public IReadOnlyList<CorsRule> Rules { get; }

    /// <summary>Builds a configuration from what a client sent.</summary>
    /// <exception cref="S3Exception">MalformedXML without rules, or for a rule without methods or origins; InvalidRequest for values that S3 does not accept.</exception>
    public static CorsConfiguration Create(IReadOnlyList<CorsRule> rules)
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
            Check(rule);
        }

        if (rules.Sum(static rule => rule.AllowedOrigins.Count) > MaxPatterns || rules.Sum(static rule => rule.AllowedHeaders.Count) > MaxPatterns)
        {
            throw Invalid($"The number of AllowedOrigin or of AllowedHeader elements should not exceed allowed limit of {MaxPatterns}.");
        }

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

    /// <summary>The persisted form.</summary>
    public byte[] Encode()
    {
        var writer = new RecordWriter(Marker);
        foreach (CorsRule rule in Rules)
        {
            writer.Nested(1, w => Write(w, rule));
        }

        return writer.ToArray();
    }

    /// <summary>Reads the persisted form.</summary>
    /// <exception cref="RecordFormatException">The record is damaged, or was written by a newer build.</exception>
    public static CorsConfiguration Decode(byte[] bytes)
    {
        List<CorsRule> rules = [];
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                rules.Add(ReadRule(reader.Nested()));
            }
        }

        return FromStorage(rules);
    }

    private static void Write(RecordWriter writer, CorsRule rule)
    {
        writer.Text(1, rule.Id);
        Write(writer, 2, rule.AllowedOrigins);
        Write(writer, 3, rule.AllowedMethods);
        Write(writer, 4, rule.AllowedHeaders);
        Write(writer, 5, rule.ExposeHeaders);

        // Stored plus one: a field that is 0 is not written.
        writer.Number(6, rule.MaxAgeSeconds is { } seconds ? seconds + 1L : 0L);
    }

    private static void Write(RecordWriter writer, int field, IReadOnlyList<string> texts)
    {
        foreach (string text in texts)
        {
            writer.Text(field, text);
        }
    }

    private static CorsRule ReadRule(RecordReader reader)
    {
        string? id = null;
        List<string> origins = [], methods = [], headers = [], exposed = [];
        int? maxAge = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.Text; break;
                case 2: origins.Add(reader.Text); break;
                case 3: methods.Add(reader.Text); break;
                case 4: headers.Add(reader.Text); break;
                case 5: exposed.Add(reader.Text); break;
                case 6: maxAge = checked((int)(reader.Signed - 1)); break;
            }
        }

        return new CorsRule
        {
            Id = id, AllowedOrigins = origins, AllowedMethods = methods, AllowedHeaders = headers, ExposeHeaders = exposed, MaxAgeSeconds = maxAge,
        };
    }

    private static void Check(CorsRule rule)
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
            CheckPattern("AllowedOrigin", origin, IsPrintable(origin));
        }

        foreach (string header in rule.AllowedHeaders)
        {
            CheckPattern("AllowedHeader", header, HttpToken.IsToken(header));
        }

        foreach (string header in rule.ExposeHeaders)
        {
            if (header.Contains('*', StringComparison.Ordinal))
            {
                throw Invalid($"ExposeHeader \"{header}\" contains wildcard. We currently do not support wildcard for ExposeHeader.");
            }

            CheckPattern("ExposeHeader", header, HttpToken.IsToken(header));
        }
    }

    private static void CheckPattern(string element, string text, bool sound)
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

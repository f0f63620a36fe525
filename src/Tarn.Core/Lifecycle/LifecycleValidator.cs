using System.Text;
using Tarn.Core.Errors;

namespace Tarn.Core.Lifecycle;

/// <summary>
/// Rejects the rules that S3 rejects, with its codes and messages. Source: Amazon S3 User Guide, "Lifecycle configuration elements";
/// API Reference, PutBucketLifecycleConfiguration.
/// </summary>
internal static class LifecycleValidator
{
    private const int MaxRules = 1000;
    private const int MaxIdLength = 255;
    private const int MaxPrefixBytes = 1024;
    private const int MaxKeep = 100;

    /// <summary>The largest size bound in bytes, which S3 names in its error messages.</summary>
    private const long MaxSizeBound = 99_511_627_776_000;

    /// <summary>Throws if a rule, or the combination of them, is not valid.</summary>
    /// <exception cref="S3Exception">InvalidRequest, InvalidArgument, MalformedXML.</exception>
    public static void ThrowIfInvalid(IReadOnlyList<LifecycleRule> rules)
    {
        if (rules.Count == 0)
        {
            throw new S3Exception(S3Error.MalformedXml);
        }

        if (rules.Count > MaxRules)
        {
            throw Request($"The number of lifecycle rules must not exceed the allowed limit of {MaxRules} rules");
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (LifecycleRule rule in rules)
        {
            if (!ids.Add(rule.Id))
            {
                throw Argument("Rule ID must be unique. Found same ID for more than one rule");
            }

            ThrowIfInvalid(rule);
        }

        // One rule with a Prefix of its own makes the whole document V1, which has no filters.
        if (rules.Any(IsOlderForm) && !rules.All(IsOlderForm))
        {
            throw Request("Filter element can only be used in Lifecycle V2.");
        }
    }

    private static void ThrowIfInvalid(LifecycleRule rule)
    {
        if (rule.Id.Length > MaxIdLength)
        {
            throw Argument($"ID length should not exceed allowed limit of {MaxIdLength}");
        }

        ThrowIfInvalidFilter(rule.Filter);
        if (rule is { Expiration: null, NoncurrentExpiration: null, AbortUploadDays: null })
        {
            throw Request("At least one action needs to be specified in a rule");
        }

        ThrowIfInvalidExpiration(rule);
        ThrowIfInvalidNoncurrent(rule);
        if (rule.AbortUploadDays is { } days)
        {
            ThrowIfNotPositive(days, "DaysAfterInitiation", "AbortIncompleteMultipartUpload");
            ThrowIfNotKeyOnly(rule.Filter, "AbortIncompleteMultipartUpload");
        }
    }

    private static void ThrowIfInvalidFilter(LifecycleFilter filter)
    {
        if (Encoding.UTF8.GetByteCount(filter.Prefix ?? "") > MaxPrefixBytes)
        {
            throw Request($"The maximum size of a prefix is {MaxPrefixBytes}.");
        }

        int conditions = (filter.Prefix is null ? 0 : 1) + filter.Tags.Count
            + (filter.SizeGreaterThan is null ? 0 : 1) + (filter.SizeLessThan is null ? 0 : 1);
        bool fits = filter.Form switch
        {
            LifecycleFilterForm.And => conditions >= 2,
            LifecycleFilterForm.RulePrefix => filter.Prefix is not null && conditions == 1,
            _ => conditions <= 1,
        };
        if (!fits)
        {
            throw new S3Exception(S3Error.MalformedXml);
        }

        if (filter.SizeGreaterThan is < 0 or > MaxSizeBound)
        {
            throw Request($"'ObjectSizeGreaterThan' should be between 0 and {MaxSizeBound}.");
        }

        if (filter.SizeLessThan is < 1 or > MaxSizeBound)
        {
            throw Request($"'ObjectSizeLessThan' should be between 1 and {MaxSizeBound}.");
        }

        if (filter is { SizeGreaterThan: { } greater, SizeLessThan: { } less } && less <= greater)
        {
            throw Request("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.");
        }
    }

    private static void ThrowIfInvalidExpiration(LifecycleRule rule)
    {
        if (rule.Expiration is not { } expiration)
        {
            return;
        }

        int given = (expiration.Days is null ? 0 : 1) + (expiration.Date is null ? 0 : 1) + (expiration.ExpiredObjectDeleteMarker is null ? 0 : 1);
        if (given != 1)
        {
            throw new S3Exception(S3Error.MalformedXml);
        }

        if (expiration.Days is { } days)
        {
            ThrowIfNotPositive(days, "Days", "Expiration");
        }

        if (expiration.Date is { } date && date.UtcDateTime.TimeOfDay != TimeSpan.Zero)
        {
            throw Argument("'Date' must be at midnight GMT");
        }

        if (expiration.ExpiredObjectDeleteMarker is not null)
        {
            ThrowIfNotKeyOnly(rule.Filter, "ExpiredObjectDeleteMarker");
        }
    }

    private static void ThrowIfInvalidNoncurrent(LifecycleRule rule)
    {
        if (rule.NoncurrentExpiration is not { } expiration)
        {
            return;
        }

        ThrowIfNotPositive(expiration.Days, "NoncurrentDays", "NoncurrentVersionExpiration");
        if (expiration.Keep is < 1)
        {
            throw Argument("'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be a positive integer");
        }

        if (expiration.Keep > MaxKeep)
        {
            throw Argument($"'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must not be greater than {MaxKeep}");
        }

        if (expiration.Keep is not null && IsOlderForm(rule))
        {
            throw Request("Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.");
        }
    }

    /// <summary>Throws if an action on uploads or delete markers filters by tags or size, which they do not have.</summary>
    private static void ThrowIfNotKeyOnly(LifecycleFilter filter, string action)
    {
        if (filter.Tags.Count > 0)
        {
            throw Request($"{action} cannot be specified with Tags.");
        }

        if (filter.HasSize)
        {
            throw Request($"{action} cannot be specified with Object Size.");
        }
    }

    private static void ThrowIfNotPositive(int days, string name, string action)
    {
        if (days < 1)
        {
            throw Argument($"'{name}' for {action} action must be a positive integer");
        }
    }

    private static bool IsOlderForm(LifecycleRule rule) => rule.Filter.Form == LifecycleFilterForm.RulePrefix;

    private static S3Exception Request(string message) => new(S3Error.InvalidRequest, message);

    private static S3Exception Argument(string message) => new(S3Error.InvalidArgument, message);
}

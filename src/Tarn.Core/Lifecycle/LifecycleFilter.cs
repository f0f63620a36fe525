using System.Text;
using Tarn.Core.Model;

namespace Tarn.Core.Lifecycle;

/// <summary>Selects the objects that a rule applies to: all conditions must hold. Source: Amazon S3 API Reference, data type LifecycleRuleFilter.</summary>
public sealed record LifecycleFilter
{
    private readonly byte[] _prefix = [];

    /// <summary>The filter that matches every object.</summary>
    public static LifecycleFilter Everything { get; } = new();

    /// <summary>The prefix; null when none was given, which matches like the empty prefix but is reported back as absent.</summary>
    public string? Prefix
    {
        get;
        init
        {
            field = value;
            _prefix = Encoding.UTF8.GetBytes(value ?? "");
        }
    }

    /// <summary>The tags that an object must have; empty for no condition.</summary>
    public TagSet Tags { get; init; } = TagSet.Empty;

    /// <summary>Bytes; only larger objects match.</summary>
    public long? SizeGreaterThan { get; init; }

    /// <summary>Bytes; only smaller objects match.</summary>
    public long? SizeLessThan { get; init; }

    /// <summary>How the conditions were written, which is how they are reported back.</summary>
    public LifecycleFilterForm Form { get; init; } = LifecycleFilterForm.Filter;

    /// <summary>Whether the filter has a condition on the size.</summary>
    public bool HasSize => SizeGreaterThan is not null || SizeLessThan is not null;

    internal ReadOnlySpan<byte> PrefixUtf8 => _prefix;

    /// <summary>Whether the conditions on the key hold.</summary>
    internal bool MatchesKey(ReadOnlySpan<byte> key) => key.StartsWith(_prefix);

    internal bool Matches(ReadOnlySpan<byte> key, long size, TagSet tags) =>
        MatchesKey(key)
        && !(SizeGreaterThan is { } min && size <= min)
        && !(SizeLessThan is { } max && size >= max)
        && tags.Contains(Tags);

    /// <inheritdoc/>
    public bool Equals(LifecycleFilter? other) =>
        other is not null && Prefix == other.Prefix && Tags.Equals(other.Tags) && SizeGreaterThan == other.SizeGreaterThan
        && SizeLessThan == other.SizeLessThan && Form == other.Form;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Prefix, Tags, SizeGreaterThan, SizeLessThan, Form);
}

/// <summary>The three ways to write a filter. The numbers are persisted.</summary>
public enum LifecycleFilterForm : byte
{
    /// <summary>A Filter with at most one condition.</summary>
    Filter = 0,

    /// <summary>A Filter with several conditions in an And.</summary>
    And = 1,

    /// <summary>A Prefix in the rule itself, without a Filter, which S3 calls V1.</summary>
    RulePrefix = 2,
}

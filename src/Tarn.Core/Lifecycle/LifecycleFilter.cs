using System.Text;
using Tarn.Core.Model;

namespace Tarn.Core.Lifecycle;

/// <summary>Which objects a rule is for: all its conditions must hold. Source: Amazon S3 API Reference, data type LifecycleRuleFilter.</summary>
public sealed record LifecycleFilter
{
    private readonly byte[] _prefix = [];

    public static LifecycleFilter Everything { get; } = new();

    /// <summary>Null when none was given, which the answer to a reader shows; it matches what the empty prefix matches.</summary>
    public string? Prefix
    {
        get;
        init
        {
            field = value;
            _prefix = Encoding.UTF8.GetBytes(value ?? "");
        }
    }

    public TagSet Tags { get; init; } = TagSet.Empty;

    /// <summary>Bytes; only larger objects match.</summary>
    public long? SizeGreaterThan { get; init; }

    /// <summary>Bytes; only smaller objects match.</summary>
    public long? SizeLessThan { get; init; }

    /// <summary>How the conditions were written, and are written again for a reader.</summary>
    public LifecycleFilterForm Form { get; init; } = LifecycleFilterForm.Filter;

    public bool HasSize => SizeGreaterThan is not null || SizeLessThan is not null;

    internal ReadOnlySpan<byte> PrefixUtf8 => _prefix;

    /// <summary>Whether the conditions that a key alone can meet hold.</summary>
    internal bool MatchesKey(ReadOnlySpan<byte> key) => key.StartsWith(_prefix);

    internal bool Matches(ReadOnlySpan<byte> key, long size, TagSet tags) =>
        MatchesKey(key)
        && !(SizeGreaterThan is { } least && size <= least)
        && !(SizeLessThan is { } most && size >= most)
        && tags.Contains(Tags);

    public bool Equals(LifecycleFilter? other) =>
        other is not null && Prefix == other.Prefix && Tags.Equals(other.Tags) && SizeGreaterThan == other.SizeGreaterThan
        && SizeLessThan == other.SizeLessThan && Form == other.Form;

    public override int GetHashCode() => HashCode.Combine(Prefix, Tags, SizeGreaterThan, SizeLessThan, Form);
}

/// <summary>The three ways to write a filter. The numbers are persisted.</summary>
public enum LifecycleFilterForm : byte
{
    /// <summary>A Filter with at most one condition.</summary>
    Filter = 0,

    /// <summary>A Filter whose And has several.</summary>
    And = 1,

    /// <summary>A Prefix of the rule itself, without a Filter: what S3 calls V1.</summary>
    RulePrefix = 2,
}

using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Tarn.Core.Policy.Decisions;

/// <summary>How a condition with several values is evaluated. Source: IAM User Guide, "Set operators for multivalued context keys".</summary>
internal enum Quantifier : byte
{
    /// <summary>Some value of the request matches or, for a negated operator, none does.</summary>
    None,
    ForAllValues,
    ForAnyValue,
}

/// <summary>What an operator compares, without its negation.</summary>
internal enum Comparison : byte
{
    Text,
    TextIgnoringCase,
    TextLike,
    Number,
    NumberLess,
    NumberLessOrEqual,
    NumberGreater,
    NumberGreaterOrEqual,
    Time,
    TimeLess,
    TimeLessOrEqual,
    TimeGreater,
    TimeGreaterOrEqual,
    Flag,
    Bytes,
    Address,
    Arn,
    Absence,
}

/// <summary>An operator as a policy names it. Source: IAM User Guide, "IAM JSON policy elements: Condition operators".</summary>
/// <param name="Negated">Whether the operator holds where its comparison does not.</param>
/// <param name="IfExists">Whether it holds for a request without the key.</param>
internal readonly record struct ConditionOperator(Comparison Comparison, bool Negated, Quantifier Quantifier, bool IfExists)
{
    private const string IfExistsSuffix = "IfExists";

    /// <summary>Every operator's name, without ForAllValues:, ForAnyValue: and IfExists.</summary>
    public static readonly FrozenDictionary<string, (Comparison Comparison, bool Negated)> ByName = new Dictionary<string, (Comparison, bool)>
    {
        ["StringEquals"] = (Comparison.Text, false),
        ["StringNotEquals"] = (Comparison.Text, true),
        ["StringEqualsIgnoreCase"] = (Comparison.TextIgnoringCase, false),
        ["StringNotEqualsIgnoreCase"] = (Comparison.TextIgnoringCase, true),
        ["StringLike"] = (Comparison.TextLike, false),
        ["StringNotLike"] = (Comparison.TextLike, true),
        ["NumericEquals"] = (Comparison.Number, false),
        ["NumericNotEquals"] = (Comparison.Number, true),
        ["NumericLessThan"] = (Comparison.NumberLess, false),
        ["NumericLessThanEquals"] = (Comparison.NumberLessOrEqual, false),
        ["NumericGreaterThan"] = (Comparison.NumberGreater, false),
        ["NumericGreaterThanEquals"] = (Comparison.NumberGreaterOrEqual, false),
        ["DateEquals"] = (Comparison.Time, false),
        ["DateNotEquals"] = (Comparison.Time, true),
        ["DateLessThan"] = (Comparison.TimeLess, false),
        ["DateLessThanEquals"] = (Comparison.TimeLessOrEqual, false),
        ["DateGreaterThan"] = (Comparison.TimeGreater, false),
        ["DateGreaterThanEquals"] = (Comparison.TimeGreaterOrEqual, false),
        ["Bool"] = (Comparison.Flag, false),
        ["BinaryEquals"] = (Comparison.Bytes, false),
        ["IpAddress"] = (Comparison.Address, false),
        ["NotIpAddress"] = (Comparison.Address, true),
        ["ArnEquals"] = (Comparison.Arn, false),
        ["ArnNotEquals"] = (Comparison.Arn, true),
        ["ArnLike"] = (Comparison.Arn, false),
        ["ArnNotLike"] = (Comparison.Arn, true),
        ["Null"] = (Comparison.Absence, false),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static bool TryParse([NotNullWhen(true)] string? name, out ConditionOperator result)
    {
        result = default;
        if (name is null)
        {
            return false;
        }

        Quantifier quantifier = Quantifier.None;
        string bare = name;
        if (name.IndexOf(':', StringComparison.Ordinal) is >= 0 and int colon)
        {
            quantifier = name[..colon].ToUpperInvariant() switch
            {
                "FORALLVALUES" => Quantifier.ForAllValues,
                "FORANYVALUE" => Quantifier.ForAnyValue,
                _ => Quantifier.None,
            };
            if (quantifier == Quantifier.None)
            {
                return false;
            }

            bare = name[(colon + 1)..];
        }

        bool ifExists = bare.EndsWith(IfExistsSuffix, StringComparison.OrdinalIgnoreCase);
        if (!ByName.TryGetValue(ifExists ? bare[..^IfExistsSuffix.Length] : bare, out (Comparison Comparison, bool Negated) found)
            || (found.Comparison == Comparison.Absence && (ifExists || quantifier != Quantifier.None)))
        {
            return false;
        }

        result = new ConditionOperator(found.Comparison, found.Negated, quantifier, ifExists);
        return true;
    }
}

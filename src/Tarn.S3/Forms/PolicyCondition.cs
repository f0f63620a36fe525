namespace Tarn.S3.Forms;

/// <summary>How a condition of a policy document compares a field.</summary>
internal enum PolicyOperator
{
    /// <summary>The field has exactly this value.</summary>
    Equal,

    /// <summary>The field begins with this value; an empty value allows anything.</summary>
    StartsWith,
}

/// <summary>One condition on a field. Source: Amazon S3 API Reference, "POST Policy", "Condition matching".</summary>
/// <param name="Operator">How it compares.</param>
/// <param name="Field">The field's name without its dollar sign.</param>
/// <param name="Value">What it is compared with.</param>
/// <param name="Source">The condition as JSON, for the error message.</param>
internal sealed record PolicyCondition(PolicyOperator Operator, string Field, string Value, string Source)
{
    /// <summary>Whether a field's value satisfies the condition; a missing field counts as empty.</summary>
    public bool Holds(string? value)
    {
        value ??= "";
        if (Operator == PolicyOperator.Equal)
        {
            return value == Value;
        }

        // A Content-Type may be a list; then every item must satisfy the condition.
        return Field.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)
            ? Array.TrueForAll(value.Split(','), one => one.Trim().StartsWith(Value, StringComparison.Ordinal))
            : value.StartsWith(Value, StringComparison.Ordinal);
    }
}

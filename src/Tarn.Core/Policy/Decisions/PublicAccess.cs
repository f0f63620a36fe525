namespace Tarn.Core.Policy.Decisions;

/// <summary>
/// Decides whether a policy is public: it is unless every Allow names principals, or is limited by a condition to fixed values that not everyone
/// can have. Deny statements are ignored, as AWS does.
/// Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of public".
/// </summary>
internal static class PublicAccess
{
    public static bool IsPublic(IEnumerable<Statement> statements)
    {
        // Two statements that each allow half of all addresses allow all of them.
        var addresses = new List<AddressRange>();
        foreach (Statement statement in statements)
        {
            if (statement.IsDeny || !statement.Principals.IsOpen || Array.Exists(statement.Conditions, LimitsPrincipals))
            {
                continue;
            }

            // A request that is allowed meets every condition, so the narrowest one counts.
            AddressRange[][] limits = [.. statement.Conditions.Where(LimitsAddresses).Select(Ranges)];
            if (limits.Length == 0)
            {
                return true;
            }

            addresses.AddRange(Array.Find(limits, static ranges => !AddressCover.IsWide(ranges)) ?? limits[0]);
        }

        return AddressCover.IsWide(addresses);
    }

    private static bool LimitsPrincipals(Condition condition) => Limits(condition)
        && condition.Key.Key is ConditionKey.PrincipalArn or ConditionKey.PrincipalOrgId or ConditionKey.PrincipalAccount or ConditionKey.UserId
        && condition.Operator.Comparison is Comparison.Text or Comparison.TextIgnoringCase or Comparison.TextLike or Comparison.Arn
        && condition.Values.All(IsFixed);

    private static bool LimitsAddresses(Condition condition) =>
        Limits(condition) && condition.Key.Key == ConditionKey.SourceIp && condition.Operator.Comparison == Comparison.Address;

    /// <summary>IfExists and ForAllValues hold for requests without the key; a negation allows nearly everybody.</summary>
    private static bool Limits(Condition condition) =>
        condition.Operator is { Negated: false, IfExists: false, Quantifier: not Quantifier.ForAllValues };

    private static AddressRange[] Ranges(Condition condition) =>
        [.. condition.Values.Select(static value => AddressRange.TryParse(value, out AddressRange range) ? range : default)];

    /// <summary>Whether a value has neither wildcards nor variables and is not the name of anonymous requesters.</summary>
    private static bool IsFixed(string value) =>
        value.Length > 0 && !value.AsSpan().ContainsAny('*', '?') && !value.Contains("${", StringComparison.Ordinal)
        && !value.Equals("anonymous", StringComparison.OrdinalIgnoreCase);
}

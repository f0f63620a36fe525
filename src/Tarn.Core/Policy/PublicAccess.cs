using System.Net.Sockets;

namespace Tarn.Core.Policy;

/// <summary>
/// Whether a policy lets in just about anybody: unless every permission is of named principals, or limited by a condition to fixed values
/// of something that not everyone can have. Denials are not looked at, as AWS does not.
/// Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of public".
/// </summary>
internal static class PublicAccess
{
    /// <summary>Ranges of more addresses than these are about everybody.</summary>
    private const int WidestIpv4 = 8;
    private const int WidestIpv6 = 32;

    public static bool IsPublic(IEnumerable<Statement> statements) =>
        statements.Any(statement => !statement.IsDeny && statement.Principals.IsOpen && !Array.Exists(statement.Conditions, Limits));

    private static bool Limits(Condition condition)
    {
        // IfExists and ForAllValues hold for requests without the key; a negation leaves nearly everybody in.
        ConditionOperator @operator = condition.Operator;
        if (@operator.Negated || @operator.IfExists || @operator.Quantifier == Quantifier.ForAllValues)
        {
            return false;
        }

        return condition.Key.Key switch
        {
            ConditionKey.SourceIp => @operator.Comparison == Comparison.Address && condition.Values.All(IsNarrow),
            ConditionKey.PrincipalArn or ConditionKey.PrincipalOrgId or ConditionKey.PrincipalAccount or ConditionKey.UserId =>
                @operator.Comparison is Comparison.Text or Comparison.TextIgnoringCase or Comparison.TextLike or Comparison.Arn
                && condition.Values.All(IsFixed),
            _ => false,
        };
    }

    private static bool IsNarrow(string value) =>
        AddressRange.TryParse(value, out AddressRange range)
        && range.PrefixLength >= (range.Family == AddressFamily.InterNetwork ? WidestIpv4 : WidestIpv6);

    /// <summary>Neither wildcards nor variables, nor what anonymous requesters are called.</summary>
    private static bool IsFixed(string value) =>
        value.Length > 0 && !value.AsSpan().ContainsAny('*', '?') && !value.Contains("${", StringComparison.Ordinal)
        && !value.Equals("anonymous", StringComparison.OrdinalIgnoreCase);
}

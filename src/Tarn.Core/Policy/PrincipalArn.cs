using Tarn.Core.Identity;

namespace Tarn.Core.Policy;

/// <summary>ARNs of organizations, users, roles and their sessions. Source: IAM User Guide, "IAM identifiers".</summary>
public static class PrincipalArn
{
    private const int Parts = 6;
    private const string UserPrefix = "user/";
    private const string RolePrefix = "role/";
    private const string SessionPrefix = "assumed-role/";
    private const int MaxRole = 1024;

    /// <summary>Whether the text can be the name of an organization, a user or a group: no wildcard, no separator.</summary>
    public static bool IsName(string text) => IdentityRules.Name("", text) is null;

    /// <summary>Splits <c>arn:aws:iam::ORG:root</c> and <c>arn:aws:iam::ORG:user/NAME</c>; also with cw in place of aws.</summary>
    /// <param name="arn">The ARN.</param>
    /// <param name="organization">The organization's id.</param>
    /// <param name="user">The user's name; null for the organization itself.</param>
    public static bool TryParse(string arn, out string organization, out string? user)
    {
        (organization, user) = ("", null);
        if (arn.Split(':', Parts) is not ["arn", "aws" or "cw", "iam", "", var owner, var rest] || !IsName(owner))
        {
            return false;
        }

        organization = owner;
        if (rest.StartsWith(UserPrefix, StringComparison.Ordinal))
        {
            user = rest[UserPrefix.Length..];
            return IsName(user);
        }

        return rest == "root";
    }

    /// <summary>Whether the text can follow <c>role/</c>: a role's name, or an issuer's URL, a colon and a subject.</summary>
    public static bool IsRole(string text) =>
        IsName(text) || (text.Length <= MaxRole && text.Contains("://", StringComparison.Ordinal) && !text.Contains('*', StringComparison.Ordinal) && !text.Any(char.IsControl));

    /// <summary>Splits <c>arn:aws:iam::ORG:role/ROLE</c>; also with cw in place of aws.</summary>
    public static bool TryParseRole(string arn, out string organization, out string role)
    {
        (organization, role) = ("", "");
        if (arn.Split(':', Parts) is not ["arn", "aws" or "cw", "iam", "", var owner, var rest]
            || !IsName(owner) || !rest.StartsWith(RolePrefix, StringComparison.Ordinal))
        {
            return false;
        }

        (organization, role) = (owner, rest[RolePrefix.Length..]);
        return IsRole(role);
    }

    /// <summary>Whether the text is <c>arn:aws:sts::ORG:assumed-role/ROLE/SESSION</c>.</summary>
    public static bool IsSession(string arn, out string organization)
    {
        organization = "";
        if (arn.Split(':', Parts) is not ["arn", "aws" or "cw", "sts", "", var owner, var rest]
            || !IsName(owner) || !rest.StartsWith(SessionPrefix, StringComparison.Ordinal))
        {
            return false;
        }

        organization = owner;
        return rest[SessionPrefix.Length..].Split('/') is [var role, var session] && IsName(role) && session.Length > 0 && !session.Contains('*', StringComparison.Ordinal);
    }
}

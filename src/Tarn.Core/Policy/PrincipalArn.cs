using Tarn.Core.Identity;

namespace Tarn.Core.Policy;

/// <summary>ARNs of organizations and users. Source: IAM User Guide, "IAM identifiers".</summary>
internal static class PrincipalArn
{
    private const int Parts = 6;
    private const string UserPrefix = "user/";

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
}

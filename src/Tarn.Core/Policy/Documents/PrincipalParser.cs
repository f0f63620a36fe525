using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>
/// Reads a Principal or NotPrincipal element: organizations, their users and roles, canonical user ids, and the service that delivers logs.
/// Sources: IAM User Guide, "AWS JSON policy elements: Principal"; CoreWeave AI Object Storage, "Bucket access policies".
/// </summary>
internal static class PrincipalParser
{

    /// <exception cref="S3Exception">MalformedPolicy, naming the principal.</exception>
    public static NamedPrincipals Parse(PolicyNode node, string name, string where)
    {
        var named = new NamedPrincipals();
        if (node is PolicyText text)
        {
            named.Everyone = text.Value == "*" ? true : throw Invalid(text.Value, where);
            return named;
        }

        PolicyObject kinds = node as PolicyObject ?? throw Invalid(name, where);
        if (kinds.Members.Count == 0)
        {
            throw Invalid(name, where);
        }

        foreach ((string kind, PolicyNode members) in kinds.Members)
        {
            foreach (string member in ElementReader.Texts(members, kind, where))
            {
                bool added = kind switch
                {
                    "AWS" or "CW" => TryAdd(named, member),
                    "CanonicalUser" => IsCanonicalId(member) && (named.CanonicalIds.Add(member) || true),
                    "Service" => member == Principal.LogDelivery.ServiceName && (named.Services.Add(member) || true),
                    _ => throw Invalid(kind, where),
                };
                if (!added)
                {
                    throw Invalid($"\"{kind}\": \"{member}\"", where);
                }
            }
        }

        return named;
    }

    private static bool TryAdd(NamedPrincipals named, string member)
    {
        if (member == "*")
        {
            named.Everyone = true;
        }
        else if (IsCanonicalId(member))
        {
            named.CanonicalIds.Add(member);
        }
        else if (member.StartsWith("arn:", StringComparison.Ordinal))
        {
            if (PrincipalArn.TryParseRole(member, out string owner, out string role))
            {
                named.Roles.Add((owner, role));
                return true;
            }

            if (PrincipalArn.IsSession(member, out owner))
            {
                named.Sessions.Add((owner, member.Replace("arn:cw:", "arn:aws:", StringComparison.Ordinal)));
                return true;
            }

            if (!PrincipalArn.TryParse(member, out string organization, out string? user))
            {
                return false;
            }

            if (user is null)
            {
                named.Organizations.Add(organization);
            }
            else
            {
                named.Users.Add((organization, user));
            }
        }
        else
        {
            named.Organizations.Add(member);
            return PrincipalArn.IsName(member);
        }

        return true;
    }

    private static bool IsCanonicalId(string text) => IdentityRules.CanonicalId(text) is null;

    private static S3Exception Invalid(string what, string where) => PolicyRefusal.Because(PolicyRefusal.InvalidPrincipal, where, what);
}

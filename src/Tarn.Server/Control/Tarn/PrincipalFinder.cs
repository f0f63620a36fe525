using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>
/// Finds the principal that a question is about. A principal of an organization that the requester does not administer is accepted whether or
/// not it exists: the answer must not reveal that.
/// </summary>
internal sealed class PrincipalFinder(IdentityStore identity, ICredentialSource credentials, TimeProvider time)
{
    private static readonly string[] ArnPrefixes = ["arn:aws:iam::", "arn:cw:iam::"];

    /// <summary>Finds a principal by an ARN, <c>ORG</c>, <c>ORG/USER</c> or an access key id; null for <c>anonymous</c>.</summary>
    /// <exception cref="ControlRefusalException">404: there is no such principal; 400: the name is malformed.</exception>
    public async ValueTask<Principal?> FindAsync(ControlRequest request, string name)
    {
        if (name is "anonymous" or "*")
        {
            return null;
        }

        if (Array.Find(ArnPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } arn)
        {
            string[] parts = name[arn.Length..].Split(':', 2);
            return parts is [{ Length: > 0 } org, { } rest] && (rest == "root" || rest.StartsWith("user/", StringComparison.Ordinal))
                ? await FindAsync(request, name, org, rest == "root" ? null : rest["user/".Length..])
                : throw ControlRefusalException.BadRequest($"'{name}' is not like arn:aws:iam::ORG:root or arn:aws:iam::ORG:user/NAME");
        }

        if (await credentials.FindAsync(name, request.CancellationToken) is { } credential
            && request.MayAdminister(credential.Principal.OrganizationId))
        {
            return credential.Expires <= time.GetUtcNow()
                ? throw ControlRefusalException.BadRequest($"the access key '{name}' has expired: every request that it signs is refused")
                : credential.Principal;
        }

        string[] pair = name.Split('/', 2);
        return await FindAsync(request, name, pair[0], pair.Length > 1 ? pair[1] : null);
    }

    public static ControlRefusalException NotFound(string name) =>
        ControlRefusalException.NotFound($"there is no principal '{name}', or none that you may ask about");

    private async ValueTask<Principal> FindAsync(ControlRequest request, string name, string organization, string? user)
    {
        if (organization.Length == 0 || user is "")
        {
            throw ControlRefusalException.BadRequest($"'{name}' is not like ORG or ORG/USER");
        }

        bool known = request.MayAdminister(organization);
        Organization? found = await identity.Organizations.FindAsync(organization, request.CancellationToken);
        User? member = user is null || found is null ? null : await identity.Users.FindAsync(organization, user, request.CancellationToken);
        if (known && (found is null || (user is not null && member is null)))
        {
            throw NotFound(name);
        }

        return new Principal(found?.CanonicalId ?? "", found?.DisplayName ?? organization, "")
        {
            OrganizationId = organization,
            UserName = user,
            UserId = user is null ? organization : member?.UserId ?? "",
            Groups = member?.Groups ?? [],
        };
    }
}

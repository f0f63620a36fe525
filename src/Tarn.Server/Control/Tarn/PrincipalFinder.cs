using Tarn.Core.Identity;
using Tarn.Core.Policy;

namespace Tarn.Server.Control.Tarn;

/// <summary>
/// Finds the principal that a question is about. A principal of an organization that the requester does not administer is accepted whether or
/// not it exists: the answer must not reveal that.
/// </summary>
internal sealed class PrincipalFinder(IdentityStore identity, ICredentialSource credentials, TimeProvider time)
{
    /// <summary>The name of the session of a role that is named without one.</summary>
    private const string AnySession = "session";

    private static readonly string[] ArnPrefixes = ["arn:aws:iam::", "arn:cw:iam::"];

    /// <summary>Finds a principal by an ARN of a user, root user, role, session of a role or workload, <c>ORG</c>, <c>ORG/USER</c> or an access key id; null for <c>anonymous</c>.</summary>
    /// <exception cref="ControlRefusalException">404: there is no such principal; 400: the name is malformed.</exception>
    public async ValueTask<Principal?> FindAsync(ControlRequest request, string name)
    {
        if (name is "anonymous" or "*")
        {
            return null;
        }

        if (PrincipalArn.TryParseRole(name, out string organization, out string role))
        {
            return role.Contains("://", StringComparison.Ordinal)
                ? await FindWorkloadAsync(request, name, organization, role)
                : await FindRoleAsync(request, name, organization, role, AnySession);
        }

        if (PrincipalArn.IsSession(name, out organization))
        {
            string[] session = name.Split('/');
            return await FindRoleAsync(request, name, organization, session[1], session[2]);
        }

        if (Array.Find(ArnPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } arn)
        {
            string[] parts = name[arn.Length..].Split(':', 2);
            return parts is [{ Length: > 0 } org, { } rest] && (rest == "root" || rest.StartsWith("user/", StringComparison.Ordinal))
                ? await FindAsync(request, name, org, rest == "root" ? null : rest["user/".Length..])
                : throw ControlRefusalException.BadRequest($"'{name}' is not like arn:aws:iam::ORG:root, arn:aws:iam::ORG:user/NAME or arn:aws:iam::ORG:role/NAME");
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

    private async ValueTask<Principal> FindRoleAsync(ControlRequest request, string name, string organization, string role, string session)
    {
        Principal owner = await FindAsync(request, name, organization, null);
        IdentityRole? found = await identity.Roles.FindAsync(organization, role, request.CancellationToken);
        if (found is null && request.MayAdminister(organization))
        {
            throw NotFound(name);
        }

        return owner with
        {
            Role = role,
            SessionName = session,
            UserId = found is null ? "" : $"{found.Id}:{session}",
            Session = new SessionGrant { RolePolicies = found?.Policies ?? [], Issuer = found?.IssuerUrl },
        };
    }

    /// <summary>Whether there are such subjects only their issuer knows. Its claims are those of the question.</summary>
    private async ValueTask<Principal> FindWorkloadAsync(ControlRequest request, string name, string organization, string workload)
    {
        Principal owner = await FindAsync(request, name, organization, null);
        OidcIssuer? issuer = (await identity.Issuers.AllAsync(organization, request.CancellationToken))
            .FirstOrDefault(issuer => workload.StartsWith(issuer.Url + ":", StringComparison.Ordinal));
        if (issuer is null && request.MayAdminister(organization))
        {
            throw NotFound(name);
        }

        string subject = issuer is null ? "" : workload[(issuer.Url.Length + 1)..];
        return owner with
        {
            Role = workload,
            UserId = issuer is null ? "" : $"{issuer.Id}:{subject}",
            Session = new SessionGrant
            {
                Issuer = issuer?.Url,
                Claims = new Dictionary<string, IReadOnlyList<string>> { ["sub"] = [subject] },
            },
        };
    }

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

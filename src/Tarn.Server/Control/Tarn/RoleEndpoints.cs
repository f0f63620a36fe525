using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Documents;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/organizations/{organization}/roles</c>.</summary>
internal sealed class RoleEndpoints(IdentityStore identity)
{
    private const int DefaultSession = 3600;

    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder roles = api.MapGroup("/api/organizations/{organization}/roles").WithTags("Issuers and roles");
        roles.MapPost("", CreateAsync).WithName("CreateRole").ForRootOf("organization").Refuses(404, 409);
        roles.MapGet("", ListAsync).WithName("ListRoles").ForRootOf("organization").WithPaging().Refuses(404);
        roles.MapGet("/{role}", GetAsync).WithName("GetRole").ForRootOf("organization").Refuses(404);
        roles.MapDelete("/{role}", DeleteAsync).WithName("DeleteRole").ForRootOf("organization").Refuses(404);
    }

    /// <summary>Creates a role, which workloads assume with a token of an issuer by AssumeRoleWithWebIdentity.</summary>
    /// <param name="organization">The organization's name.</param>
    public async Task<Made<RoleView>> CreateAsync(ControlRequest request, string organization, JsonBody<RoleBody> body)
    {
        RoleBody wanted = body.Read();
        OidcIssuer issuer = await identity.Issuers.FindAsync(organization, wanted.Issuer, request.CancellationToken)
            ?? throw ControlRefusalException.NotFound($"there is no issuer '{wanted.Issuer}' in organization '{organization}'");
        string conditions = wanted.Conditions.GetRawText();
        string[] policies = [.. (wanted.Policies ?? []).Select(static policy => policy.GetRawText())];
        Check("conditions", () => ClaimConditions.Parse(Encoding.UTF8.GetBytes(conditions), issuer.Url));
        for (int i = 0; i < policies.Length; i++)
        {
            Check($"policies[{i}]", () => IdentityPolicy.Parse(Encoding.UTF8.GetBytes(policies[i])));
        }

        IdentityRole made = await identity.Roles.CreateAsync(
            new IdentityRole
            {
                Organization = organization,
                Name = wanted.Name,
                Id = "",
                Issuer = issuer.Name,
                IssuerUrl = issuer.Url,
                Audiences = wanted.Audiences ?? [],
                Conditions = conditions,
                Policies = policies,
                MaxSessionSeconds = wanted.MaxSessionSeconds ?? DefaultSession,
                Created = default,
            },
            request.CancellationToken);
        return new(RoleView.Of(made));
    }

    /// <summary>Lists an organization's roles.</summary>
    /// <param name="organization">The organization's name.</param>
    public async Task<Data<RoleList>> ListAsync(ControlRequest request, string organization)
    {
        await identity.Organizations.GetAsync(organization, request.CancellationToken);
        IdentityPage<IdentityRole> page = await identity.Roles.ListAsync(organization, request.Cursor(), request.Limit(), request.CancellationToken);
        return new(new RoleList([.. page.Items.Select(RoleView.Of)], page.Next));
    }

    /// <summary>Shows a role.</summary>
    /// <param name="organization">The organization's name.</param>
    /// <param name="role">The role's name.</param>
    public async Task<Data<RoleView>> GetAsync(ControlRequest request, string organization, string role) =>
        new(RoleView.Of(await identity.Roles.GetAsync(organization, role, request.CancellationToken)));

    /// <summary>Deletes a role: its sessions end at once.</summary>
    /// <param name="organization">The organization's name.</param>
    /// <param name="role">The role's name.</param>
    public async Task<Done> DeleteAsync(ControlRequest request, string organization, string role)
    {
        await identity.Roles.DeleteAsync(organization, role, request.CancellationToken);
        return Done.Instance;
    }

    internal static void Check(string where, Action parse)
    {
        try
        {
            parse();
        }
        catch (S3Exception e)
        {
            throw ControlRefusalException.BadRequest($"{where}: {e.Message}");
        }
    }
}

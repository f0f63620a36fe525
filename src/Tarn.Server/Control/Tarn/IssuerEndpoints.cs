using System.Text;
using System.Text.Json;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Documents;
using Tarn.Server.Configuration;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/issuers</c>.</summary>
internal sealed class IssuerEndpoints(IdentityStore identity, ServerOptions options)
{
    private const string Trusting = "The organization that trusts it; by default the requester's.";

    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder issuers = api.MapGroup("/api/issuers").WithTags("Issuers and roles");
        issuers.MapPost("", CreateAsync).WithName("CreateIssuer").ForServerAdministrator().Refuses(404, 409);
        issuers.MapGet("", ListAsync).WithName("ListIssuers").ForRoot()
            .WithQuery("organization", "The organization whose issuers are listed; by default the requester's.").Refuses(404);
        issuers.MapDelete("/{name}", DeleteAsync).WithName("DeleteIssuer").ForServerAdministrator()
            .WithQuery("organization", Trusting).Refuses(404);
        issuers.MapPut("/{name}/console", SetConsoleAsync).WithName("SetIssuerConsole").ForServerAdministrator()
            .WithQuery("organization", Trusting).Refuses(404, 409);
        issuers.MapDelete("/{name}/console", DeleteConsoleAsync).WithName("DeleteIssuerConsole").ForServerAdministrator()
            .WithQuery("organization", Trusting).Refuses(404, 409);
    }

    /// <summary>Lets an organization trust an OpenID Connect issuer, whose tokens workloads exchange for temporary credentials.</summary>
    /// <remarks>The server fetches the issuer's keys: from the hosts that this names, and no others.</remarks>
    public async Task<Made<IssuerView>> CreateAsync(ControlRequest request, JsonBody<IssuerBody> body)
    {
        IssuerBody wanted = body.Read();
        string? conditions = wanted.Conditions is { ValueKind: not JsonValueKind.Null } given ? given.GetRawText() : null;
        if (conditions is not null)
        {
            RoleEndpoints.Check("conditions", () => ClaimConditions.Parse(Encoding.UTF8.GetBytes(conditions), wanted.Url));
        }

        OidcIssuer made = await identity.Issuers.CreateAsync(
            new OidcIssuer
            {
                Organization = request.OrganizationOrOwn(wanted.Organization),
                Name = wanted.Name,
                Id = "",
                Url = wanted.Url,
                JwksUrl = wanted.JwksUrl,
                Hosts = wanted.Hosts ?? [],
                Audiences = wanted.Audiences,
                Conditions = conditions,
                AnySubject = wanted.AnySubject,
                Console = wanted.Console?.ToConsole(wanted.Name),
                Created = default,
            },
            options.OidcPlainLoopback,
            request.CancellationToken,
            wanted.Console?.ClientSecret);
        return new(IssuerView.Of(made));
    }

    /// <summary>Lists the issuers that an organization trusts.</summary>
    public async Task<Data<IssuerList>> ListAsync(ControlRequest request)
    {
        string organization = request.OrganizationOrOwn(request.Query("organization"));
        await identity.Organizations.GetAsync(organization, request.CancellationToken);
        return new(new IssuerList([.. (await identity.Issuers.AllAsync(organization, request.CancellationToken)).Select(IssuerView.Of)]));
    }

    /// <summary>Deletes an issuer: credentials that were issued for its tokens stop working at once, also those of roles.</summary>
    /// <param name="name">The issuer's name.</param>
    public async Task<Done> DeleteAsync(ControlRequest request, string name)
    {
        await identity.Issuers.DeleteAsync(request.OrganizationOrOwn(request.Query("organization")), name, request.CancellationToken);
        return Done.Instance;
    }

    /// <summary>Lets people sign in to the console with an issuer, or changes how.</summary>
    /// <remarks>
    /// The issuer must know the client, with the redirect URI <c>CONSOLE/api/session/oidc/{organization}/{name}/callback</c>, its own. Sessions that have begun go on until they end.
    /// </remarks>
    /// <param name="name">The issuer's name.</param>
    public async Task<Data<IssuerView>> SetConsoleAsync(ControlRequest request, string name, JsonBody<IssuerConsoleBody> body)
    {
        IssuerConsoleBody wanted = body.Read();
        return new(IssuerView.Of(await identity.Issuers.SetConsoleAsync(
            request.OrganizationOrOwn(request.Query("organization")), name, wanted.ToConsole(name), wanted.ClientSecret, request.CancellationToken)));
    }

    /// <summary>Lets nobody sign in to the console with an issuer any more.</summary>
    /// <remarks>Sessions that have begun go on until they end, at the latest after twelve hours; deleting the issuer, or the role, ends them.</remarks>
    /// <param name="name">The issuer's name.</param>
    public async Task<Data<IssuerView>> DeleteConsoleAsync(ControlRequest request, string name) =>
        new(IssuerView.Of(await identity.Issuers.SetConsoleAsync(request.OrganizationOrOwn(request.Query("organization")), name, null, null, request.CancellationToken)));
}

using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>GET /api/organizations</c>: all organizations for the server's root user, and for another root user its own.</summary>
internal static class ListOrganizations
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("GET", "/api/organizations", async request =>
        {
            if (!request.IsServerAdministrator)
            {
                request.RequireRootOf(request.Principal.OrganizationId);
                Organization own = await identity.Organizations.GetAsync(request.Principal.OrganizationId, request.CancellationToken);
                return ControlAnswer.Of(new OrganizationList([OrganizationView.Of(own)], null), ControlJson.Default.OrganizationList);
            }

            IdentityPage<Organization> page = await identity.Organizations.ListAsync(request.Cursor(), request.Limit(), request.CancellationToken);
            return ControlAnswer.Of(
                new OrganizationList([.. page.Items.Select(organization => OrganizationView.Of(organization))], page.Next),
                ControlJson.Default.OrganizationList);
        });
}

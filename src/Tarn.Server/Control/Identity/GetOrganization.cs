using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>GET /api/organizations/{organization}</c>.</summary>
internal static class GetOrganization
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("GET", "/api/organizations/{organization}", async request =>
        {
            request.RequireRootOf(request.Route("organization"));
            Organization found = await identity.Organizations.GetAsync(request.Route("organization"), request.CancellationToken);
            return ControlAnswer.Of(OrganizationView.Of(found), ControlJson.Default.OrganizationView);
        });
}

using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>GET /api/organizations/{organization}/policies/{name}</c>.</summary>
internal static class GetOrganizationPolicy
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("GET", "/api/organizations/{organization}/policies/{name}", async request =>
        {
            request.RequireRootOf(request.Route("organization"));
            StoredPolicy policy = await identity.Policies.GetAsync(
                request.Route("organization"), request.Route("name"), request.CancellationToken);
            return ControlAnswer.Of(PolicyView.Of(policy), ControlJson.Default.PolicyView);
        });
}

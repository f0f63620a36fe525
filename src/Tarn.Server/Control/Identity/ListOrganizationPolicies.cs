using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>GET /api/organizations/{organization}/policies</c>.</summary>
internal static class ListOrganizationPolicies
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("GET", "/api/organizations/{organization}/policies", async request =>
        {
            request.RequireRootOf(request.Route("organization"));
            Organization organization = await identity.Organizations.GetAsync(request.Route("organization"), request.CancellationToken);
            IReadOnlyList<StoredPolicy> policies = await identity.Policies.AllAsync(organization.Name, request.CancellationToken);
            return ControlAnswer.Of(new PolicyList([.. policies.Select(PolicyView.Of)]), ControlJson.Default.PolicyList);
        });
}

using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>GET /v1/cwobject/access-policy</c>: the policies of the requester's organization.</summary>
internal static class CwListAccessPolicies
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("GET", "/v1/cwobject/access-policy", async request =>
        {
            request.RequireRootOf(request.Principal.OrganizationId);
            IReadOnlyList<StoredPolicy> policies = await identity.Policies.AllAsync(request.Principal.OrganizationId, request.CancellationToken);
            return ControlAnswer.Bare(new CwPolicyList([.. policies.Select(policy => PolicyView.Of(policy).Policy)]), ControlJson.Default.CwPolicyList);
        });
}

using Tarn.Core.Access;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Documents;

namespace Tarn.Server.Control.Identity;

/// <summary><c>PUT /api/organizations/{organization}/policies/{name}</c>: the body is the policy's document.</summary>
internal static class PutOrganizationPolicy
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("PUT", "/api/organizations/{organization}/policies/{name}", async request =>
        {
            request.RequireRootOf(request.Route("organization"));
            (string name, string document) = PolicyDocuments.Check(request.Route("organization"), request.Route("name"), request.Body);
            StoredPolicy policy = await identity.Policies.PutAsync(
                request.Route("organization"), name, document, request.CancellationToken);
            IReadOnlyList<string> missing = await MissingPrincipals.FindAsync(
                OrganizationPolicy.Parse(request.Body, request.Route("organization")).Named, new StoredAccounts(identity), request.CancellationToken);
            PolicyView view = PolicyView.Of(policy) with { Warnings = missing.Count == 0 ? null : [MissingPrincipals.Warning(missing)] };
            return ControlAnswer.Of(view, ControlJson.Default.PolicyView);
        });
}

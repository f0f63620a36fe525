using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>POST /v1/cwobject/access-policy</c> with <c>{"policy":{"name":…}}</c>: puts a policy of the requester's organization.</summary>
internal static class CwEnsureAccessPolicy
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("POST", "/v1/cwobject/access-policy", async request =>
        {
            string organization = request.Principal.OrganizationId;
            request.RequireRootOf(organization);
            (string name, string document) = PolicyDocuments.Check(organization, null, request.Body);
            await identity.Policies.PutAsync(organization, name, document, request.CancellationToken);
            return ControlAnswer.Bare(CwDone.Instance, ControlJson.Default.CwDone);
        });
}

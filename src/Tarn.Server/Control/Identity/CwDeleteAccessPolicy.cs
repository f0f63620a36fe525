using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>DELETE /v1/cwobject/access-policy/{name}</c>.</summary>
internal static class CwDeleteAccessPolicy
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("DELETE", "/v1/cwobject/access-policy/{name}", async request =>
        {
            request.RequireRootOf(request.Principal.OrganizationId);
            await identity.Policies.DeleteAsync(request.Principal.OrganizationId, request.Route("name"), request.CancellationToken);
            return ControlAnswer.Bare(CwDone.Instance, ControlJson.Default.CwDone);
        });
}

using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>DELETE /api/organizations/{organization}/policies/{name}</c>.</summary>
internal static class DeleteOrganizationPolicy
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("DELETE", "/api/organizations/{organization}/policies/{name}", async request =>
        {
            request.RequireRootOf(request.Route("organization"));
            await identity.Policies.DeleteAsync(request.Route("organization"), request.Route("name"), request.CancellationToken);
            return ControlAnswer.Done;
        });
}

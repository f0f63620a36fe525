using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>DELETE /api/organizations/{organization}</c>: with its users, keys, tokens and policies. For the server's root user.</summary>
internal static class DeleteOrganization
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("DELETE", "/api/organizations/{organization}", async request =>
        {
            request.RequireServerAdministrator();
            await identity.Organizations.DeleteAsync(request.Route("organization"), request.CancellationToken);
            return ControlAnswer.Done;
        });
}

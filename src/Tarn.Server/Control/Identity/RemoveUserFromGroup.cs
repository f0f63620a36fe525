using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>DELETE /api/organizations/{organization}/users/{user}/groups/{group}</c>.</summary>
internal static class RemoveUserFromGroup
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("DELETE", "/api/organizations/{organization}/users/{user}/groups/{group}", async request =>
        {
            request.RequireRootOf(request.Route("organization"));
            User changed = await identity.Users.SetGroupAsync(
                request.Route("organization"), request.Route("user"), request.Route("group"), member: false, request.CancellationToken);
            return ControlAnswer.Of(UserView.Of(changed), ControlJson.Default.UserView);
        });
}

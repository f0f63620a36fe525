using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>GET /api/organizations/{organization}/users/{user}</c>.</summary>
internal static class GetUser
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("GET", "/api/organizations/{organization}/users/{user}", async request =>
        {
            request.RequireRootOf(request.Route("organization"));
            User found = await identity.Users.GetAsync(request.Route("organization"), request.Route("user"), request.CancellationToken);
            return ControlAnswer.Of(UserView.Of(found), ControlJson.Default.UserView);
        });
}

using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>DELETE /api/organizations/{organization}/users/{user}</c>: with its keys and tokens.</summary>
internal static class DeleteUser
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("DELETE", "/api/organizations/{organization}/users/{user}", async request =>
        {
            request.RequireRootOf(request.Route("organization"));
            await identity.Users.DeleteAsync(request.Route("organization"), request.Route("user"), request.CancellationToken);
            return ControlAnswer.Done;
        });
}

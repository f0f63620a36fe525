using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>GET /api/organizations/{organization}/users</c>.</summary>
internal static class ListUsers
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("GET", "/api/organizations/{organization}/users", async request =>
        {
            request.RequireRootOf(request.Route("organization"));
            Organization organization = await identity.Organizations.GetAsync(request.Route("organization"), request.CancellationToken);
            IdentityPage<User> page = await identity.Users.ListAsync(
                organization.Name, request.Cursor(), request.Limit(), request.CancellationToken);
            return ControlAnswer.Of(
                new UserList([.. page.Items.Select(user => UserView.Of(user))], page.Next), ControlJson.Default.UserList);
        });
}

using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>POST /api/organizations/{organization}/users</c>: makes a user with a key.</summary>
internal static class CreateUser
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("POST", "/api/organizations/{organization}/users", async request =>
        {
            request.RequireRootOf(request.Route("organization"));
            UserBody body = request.Read(ControlJson.Default.UserBody);
            if (body.UserId is not null && !request.IsServerAdministrator)
            {
                // Policies of other organizations may name a user by this id alone: whoever could choose it could be anybody.
                throw ControlRefusalException.Forbidden("only the server's root user may choose a user id");
            }

            (User made, NewAccessKey key) = await identity.Users.CreateAsync(
                request.Route("organization"),
                new UserRequest
                {
                    Name = body.Name,
                    UserId = body.UserId,
                    DisplayName = body.DisplayName,
                    Email = body.Email,
                    Groups = body.Groups ?? [],
                    Key = new AccessKeyRequest { Id = body.AccessKey, SecretKey = body.SecretKey },
                },
                request.CancellationToken);
            return ControlAnswer.Created(UserView.Of(made, key), ControlJson.Default.UserView);
        });
}

using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/organizations/{organization}/users</c>.</summary>
internal sealed class UserEndpoints(IdentityStore identity)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder users = api.MapGroup("/api/organizations/{organization}/users").WithTags("Users");
        users.MapPost("", CreateAsync).WithName("CreateUser").ForRootOf("organization").Refuses(404, 409);
        users.MapGet("", ListAsync).WithName("ListUsers").ForRootOf("organization").WithPaging().Refuses(404);
        users.MapGet("/{user}", GetAsync).WithName("GetUser").ForRootOf("organization").Refuses(404);
        users.MapDelete("/{user}", DeleteAsync).WithName("DeleteUser").ForRootOf("organization").Refuses(404);
        users.MapPut("/{user}/groups/{group}", AddToGroupAsync).WithName("AddUserToGroup").ForRootOf("organization").Refuses(400, 404);
        users.MapDelete("/{user}/groups/{group}", RemoveFromGroupAsync).WithName("RemoveUserFromGroup").ForRootOf("organization").Refuses(400, 404);
    }

    /// <summary>Creates a user with an access key.</summary>
    /// <remarks>The secret key is shown only once. Only the server's root user may choose <c>userId</c>.</remarks>
    /// <param name="organization">The organization's name.</param>
    public async Task<Made<UserView>> CreateAsync(ControlRequest request, string organization, JsonBody<UserBody> body)
    {
        UserBody wanted = body.Read();
        if (wanted.UserId is not null && !request.IsServerAdministrator)
        {
            // Policies of other organizations may name a user by this id alone: choosing it would allow impersonation.
            throw ControlRefusalException.Forbidden("only the server's root user may choose a user id");
        }

        (User made, NewAccessKey key) = await identity.Users.CreateAsync(
            organization,
            new UserRequest
            {
                Name = wanted.Name,
                UserId = wanted.UserId,
                DisplayName = wanted.DisplayName,
                Email = wanted.Email,
                Groups = wanted.Groups ?? [],
                Key = new AccessKeyRequest { Id = wanted.AccessKey, SecretKey = wanted.SecretKey, By = request.Credential },
            },
            request.CancellationToken);
        return new(UserView.Of(made, key));
    }

    /// <summary>Lists an organization's users.</summary>
    /// <param name="organization">The organization's name.</param>
    public async Task<Data<UserList>> ListAsync(ControlRequest request, string organization)
    {
        Organization found = await identity.Organizations.GetAsync(organization, request.CancellationToken);
        IdentityPage<User> page = await identity.Users.ListAsync(found.Name, request.Cursor(), request.Limit(), request.CancellationToken);
        return new(new UserList([.. page.Items.Select(user => UserView.Of(user))], page.Next));
    }

    /// <summary>Shows a user.</summary>
    /// <param name="organization">The organization's name.</param>
    /// <param name="user">The user's name.</param>
    public async Task<Data<UserView>> GetAsync(ControlRequest request, string organization, string user) =>
        new(UserView.Of(await identity.Users.GetAsync(organization, user, request.CancellationToken)));

    /// <summary>Deletes a user with its access keys and tokens.</summary>
    /// <param name="organization">The organization's name.</param>
    /// <param name="user">The user's name.</param>
    public async Task<Done> DeleteAsync(ControlRequest request, string organization, string user)
    {
        await identity.Users.DeleteAsync(organization, user, request.CancellationToken);
        return Done.Instance;
    }

    /// <summary>Adds a user to a group.</summary>
    /// <param name="organization">The organization's name.</param>
    /// <param name="user">The user's name.</param>
    /// <param name="group">The group's name.</param>
    public async Task<Data<UserView>> AddToGroupAsync(ControlRequest request, string organization, string user, string group) =>
        new(UserView.Of(await identity.Users.SetGroupAsync(organization, user, group, member: true, request.CancellationToken)));

    /// <summary>Removes a user from a group.</summary>
    /// <param name="organization">The organization's name.</param>
    /// <param name="user">The user's name.</param>
    /// <param name="group">The group's name.</param>
    public async Task<Data<UserView>> RemoveFromGroupAsync(ControlRequest request, string organization, string user, string group) =>
        new(UserView.Of(await identity.Users.SetGroupAsync(organization, user, group, member: false, request.CancellationToken)));
}

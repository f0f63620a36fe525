using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;

namespace Tarn.Server.Control.Archil;

/// <summary><c>/api/disks/{id}/users</c>.</summary>
internal sealed class DiskUserEndpoints(AdministeredDisks administered, DiskUsers users)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/api/disks/{id}/users").WithTags("Disk users").Refuses(404);
        group.MapPost("", AddAsync).WithName("AddDiskUser").Refuses(501);
        group.MapGet("", ListAsync).WithName("ListDiskUsers");
        group.MapDelete("/{type}", RemoveAsync).WithName("RemoveDiskUser")
            .WithQuery("identifier", "The user's identifier: its access key id.")
            .WithQuery("principal", "The identifier, under the name that it has for other types of users.").Refuses(400);
    }

    /// <summary>Adds an S3 user: an access key that can read only this disk.</summary>
    /// <remarks>The secret is shown only once.</remarks>
    /// <param name="id">The disk's id.</param>
    public async Task<Made<DiskUserView>> AddAsync(ControlRequest request, string id, JsonBody<DiskUserBody> body)
    {
        Disk disk = await administered.GetAsync(request, id);
        DiskUserBody wanted = body.Read();
        if (wanted.Type is "token" or "awssts")
        {
            throw ControlRefusalException.NotImplemented(
                $"users of type '{wanted.Type}' mount disks, which is not implemented; a user of type 's3' reads the disk over S3");
        }

        if (wanted.Type != DiskUserView.S3)
        {
            throw ControlRefusalException.BadRequest("the type of a user must be 's3'");
        }

        if (wanted.Principal is not null || wanted.TokenSuffix is not null)
        {
            throw ControlRefusalException.BadRequest("a user of type 's3' has a nickname only");
        }

        (DiskUser User, NewAccessKey Key) added = await users.AddAsync(disk.Id, wanted.Nickname, request.CancellationToken, request.Credential)
            ?? throw AdministeredDisks.Gone();
        return new(DiskUserView.Of(added.User, added.Key.SecretKey));
    }

    /// <summary>Lists the users of a disk, without their secrets.</summary>
    /// <param name="id">The disk's id.</param>
    public async Task<Data<DiskUserList>> ListAsync(ControlRequest request, string id)
    {
        Disk disk = await administered.GetAsync(request, id);
        IReadOnlyList<DiskUser> found = await users.ListAsync(disk.Id, request.CancellationToken);
        return new(new DiskUserList([.. found.Select(user => DiskUserView.Of(user))]));
    }

    /// <summary>Removes a user of a disk: its access key stops working at once.</summary>
    /// <param name="id">The disk's id.</param>
    /// <param name="type">The user's type: <c>s3</c>.</param>
    public async Task<Data<MessageView>> RemoveAsync(ControlRequest request, string id, string type)
    {
        Disk disk = await administered.GetAsync(request, id);
        string identifier = request.Query("identifier") ?? request.Query("principal")
            ?? throw ControlRefusalException.BadRequest("the parameter identifier must name the user");
        bool removed = type == DiskUserView.S3 && await users.RemoveAsync(disk.Id, identifier, request.CancellationToken);
        return removed ? new(new MessageView("User removed")) : throw ControlRefusalException.NotFound("there is no such user");
    }
}

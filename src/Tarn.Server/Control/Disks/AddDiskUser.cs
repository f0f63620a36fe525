using Tarn.Core.Disks;
using Tarn.Core.Identity;

namespace Tarn.Server.Control.Disks;

/// <summary><c>POST /api/disks/{id}/users</c>: adds an S3 user, an access key that opens this disk alone; its secret is shown this once.</summary>
internal static class AddDiskUser
{
    /// <summary>The one type of user that there is.</summary>
    public const string S3 = "s3";

    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("POST", "/api/disks/{id}/users", async request =>
        {
            Disk disk = await services.FindAsync(request);
            DiskUserBody body = request.Read(ControlJson.Default.DiskUserBody);
            if (body.Type is "token" or "awssts")
            {
                throw ControlRefusalException.NotBuilt(
                    $"users of type '{body.Type}' mount disks, which is not built; a user of type 's3' reads the disk over S3");
            }

            if (body.Type != S3)
            {
                throw ControlRefusalException.BadRequest("the type of a user must be 's3'");
            }

            if (body.Principal is not null || body.TokenSuffix is not null)
            {
                throw ControlRefusalException.BadRequest("a user of type 's3' has a nickname only");
            }

            (DiskUser User, NewAccessKey Key) added = await services.Users.AddAsync(disk.Id, body.Nickname, request.CancellationToken)
                ?? throw ControlRefusalException.NotFound("there is no such disk");
            return ControlAnswer.Created(DiskUserView.Of(added.User, added.Key.SecretKey), ControlJson.Default.DiskUserView);
        });
}

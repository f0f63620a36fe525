using Tarn.Core.Disks;
using Tarn.Server.Control.Identity;

namespace Tarn.Server.Control.Disks;

/// <summary><c>DELETE /api/disks/{id}/users/{type}?identifier=…</c>: from the next request on the user's key opens nothing.</summary>
internal static class RemoveDiskUser
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("DELETE", "/api/disks/{id}/users/{type}", async request =>
        {
            Disk disk = await services.FindAsync(request);
            string identifier = request.Query("identifier") ?? request.Query("principal")
                ?? throw ControlRefusalException.BadRequest("the parameter identifier must name the user");
            bool removed = request.Route("type") == AddDiskUser.S3
                && await services.Users.RemoveAsync(disk.Id, identifier, request.CancellationToken);
            return removed
                ? ControlAnswer.Of(new MessageView("User removed"), ControlJson.Default.MessageView)
                : throw ControlRefusalException.NotFound("there is no such user");
        });
}

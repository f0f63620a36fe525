using Tarn.Core.Sharing;

namespace Tarn.Server.Control.Disks;

/// <summary><c>DELETE /api/shares/{id}</c>: from the next request on the link opens nothing.</summary>
internal static class RevokeShare
{
    public static void AddTo(ControlApi api, DiskServices services) =>
        api.Add("DELETE", "/api/shares/{id}", async request =>
        {
            ShareLink? link = await services.Links.FindAsync(request.Route("id"), request.CancellationToken);
            if (link is null || !request.MayAdminister(link.Organization))
            {
                throw ControlRefusalException.NotFound("there is no such link");
            }

            await services.Links.RevokeAsync(link, request.CancellationToken);
            return ControlAnswer.Done;
        });
}

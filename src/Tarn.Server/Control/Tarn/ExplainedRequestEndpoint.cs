using Tarn.Core.Identity;
using Tarn.S3.Telemetry;
using Tarn.Server.Requests;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/requests/{id}</c>: where a request's time went, and why it was denied.</summary>
internal sealed class ExplainedRequestEndpoint(RecentRequests requests, DeniedRequests denied)
{
    public void Map(RouteGroupBuilder api) =>
        api.MapGet("/api/requests/{id}", GetAsync).WithTags("Requests").WithName("ExplainRequest").Refuses(404);

    /// <summary>Shows where the time of one of the latest requests went and, if it was denied, why.</summary>
    /// <remarks>
    /// For who sent it, for the root user of the bucket's or disk's owner, and for the server's. Why it was denied is shown to root users alone, as by
    /// POST /api/access/explain: the policies of an owner are not the requester's business.
    /// </remarks>
    /// <param name="id">The x-amz-request-id.</param>
    public async Task<Data<ExplainedRequestView>> GetAsync(ControlRequest request, string id)
    {
        FinishedRequest? found = requests.NewestFirst().FirstOrDefault(it => it.RequestId == id);
        return found is null || !MayKnow(request, found)
            ? throw ControlRefusalException.NotFound($"there is no request '{id}' among the latest {requests.Capacity}, or none that you may ask about")
            : new(ExplainedRequestView.Of(found, await denied.FindAsync(request, id)));
    }

    private static bool MayKnow(ControlRequest request, FinishedRequest found) =>
        request.IsServerAdministrator || IsSame(request.Principal, found.Principal)
        || (request.Principal.IsRoot && request.Principal.OwnerId == (found.OwnerId ?? found.Principal?.OwnerId));

    private static bool IsSame(Principal asking, Principal? sent) =>
        sent is not null && asking.OrganizationId == sent.OrganizationId && asking.UserName == sent.UserName && asking.UserId == sent.UserId && sent.DiskScope is null;
}

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
    /// For who sent it, for the root user of the bucket's or disk's owner, for the server's, and for those to whom POST /api/access/explain tells why it was denied. That is
    /// shown to the same as there, and as much: the policies of an owner are not the requester's business. Nor is what was looked up before a request was denied.
    /// </remarks>
    /// <param name="id">The x-amz-request-id.</param>
    public async Task<Data<ExplainedRequestView>> GetAsync(ControlRequest request, string id)
    {
        FinishedRequest? found = requests.NewestFirst().FirstOrDefault(it => it.RequestId == id);
        ExplanationView? denial = found is null ? null : await denied.FindAsync(request, id);
        return found is null || (denial is null && !MayKnow(request, found))
            ? throw ControlRefusalException.NotFound($"there is no request '{id}' among the latest {requests.Capacity}, or none that you may ask about")
            : new(ExplainedRequestView.Of(found, denial, withLookups: !WasDenied(found) || IsOfOwner(request, found)));
    }

    private static bool WasDenied(FinishedRequest found) => found.Status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden;

    private static bool IsOfOwner(ControlRequest request, FinishedRequest found) => request.IsServerAdministrator || (found.OwnerId is { } owner && request.Principal.IsRoot && request.Principal.OwnerId == owner);

    private static bool MayKnow(ControlRequest request, FinishedRequest found) =>
        request.IsServerAdministrator || IsSame(request.Principal, found.Principal)
        || (request.Principal.IsRoot && request.Principal.OwnerId == (found.OwnerId ?? found.Principal?.OwnerId));

    private static bool IsSame(Principal asking, Principal? sent) =>
        sent is not null && asking.OrganizationId == sent.OrganizationId && asking.UserName == sent.UserName && asking.UserId == sent.UserId && sent.DiskScope is null
        && (asking.KeyPolicy is null || sent.IsOfKey(asking.AccessKeyId));
}

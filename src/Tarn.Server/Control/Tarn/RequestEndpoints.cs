using System.Globalization;
using Tarn.Core.Identity;
using Tarn.S3.Telemetry;
using Tarn.Server.Connections;
using Tarn.Server.Requests;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/requests</c> and <c>/api/rates</c>: what requests did a short while ago, from the memory of this process.</summary>
internal sealed class RequestEndpoints(RecentRequests requests, RequestRates rates, HostCapacity capacity)
{
    private const int DefaultSeconds = 60;

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/api/requests", List).WithTags("Requests").WithName("ListRequests").WithPaging()
            .WithQuery("bucket", "Only requests that name this bucket or disk.")
            .WithQuery("operation", "Only requests for these operations, separated by commas: GetObject,PutObject.")
            .WithQuery("status", "Only requests with this status, such as 404, all of one kind, such as 5xx, or error for 400 and above.")
            .WithQuery("requestId", "Only the request with this id.");
        api.MapGet("/api/rates", Rates).WithTags("Requests").WithName("GetRates").ForServerAdministrator().Refuses(400)
            .WithMetadata(new QueryParameter("seconds", "How many seconds; by default 60.") { Max = RequestRates.Seconds });
    }

    /// <summary>Lists the requests that ended last, the newest first: those to buckets and disks of the organization for its root user, and the requester's own for everybody; for an access key with a policy those that it, or a session of it, signed.</summary>
    /// <remarks>The server keeps the last requests of everybody in memory, as many as --recent-requests says. Requests that concern nobody's bucket and were not authenticated are shown to the server's root user.</remarks>
    public Data<RequestList> List(ControlRequest request)
    {
        int limit = request.Limit();
        string? cursor = request.Cursor(), id = request.Query("requestId");
        (int min, int max) = Statuses(request, "status");
        var filter = new RequestFilter { Operations = RequestFilter.Names(request.Query("operation")), Bucket = request.Query("bucket"), MinStatus = min, MaxStatus = max };
        IEnumerable<FinishedRequest> kept = requests.NewestFirst();
        if (cursor is not null)
        {
            // One that is no longer kept was the oldest: nothing follows.
            kept = kept.SkipWhile(one => one.RequestId != cursor).Skip(1);
        }

        FinishedRequest[] found = [.. kept
            .Where(one => filter.Selects(one) && (id is null || one.RequestId == id) && MaySee(request, one))
            .Take(limit + 1)];
        bool more = found.Length > limit;
        RequestView[] page = [.. found.Take(limit).Select(RequestView.Of)];
        return new(new RequestList(page, requests.Capacity, more ? page[^1].RequestId : null));
    }

    /// <summary>Shows what all S3 requests together did in each of the last seconds.</summary>
    /// <remarks>A request counts when it ends, with all of its bytes.</remarks>
    public Data<RateList> Rates(ControlRequest request)
    {
        int seconds = request.Query("seconds") is not { } text ? DefaultSeconds
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= RequestRates.Seconds ? number
            : throw ControlRefusalException.BadRequest($"seconds must be a number from 1 to {RequestRates.Seconds}");
        return new(new RateList(capacity.S3Budget.InFlight, [.. rates.Last(seconds).Select(RateView.Of)]));
    }

    /// <summary>Whether a request is one of the requester's own, or to a bucket of the organization whose root user the requester is, or nobody's.</summary>
    private static bool MaySee(ControlRequest request, FinishedRequest one)
    {
        Principal me = request.Principal;
        return (one.Principal is { } sender && sender.OwnerId == me.OwnerId && sender.UserId == me.UserId && sender.DiskScope == me.DiskScope && (me.KeyPolicy is null || sender.IsOfKey(me.AccessKeyId)))
            || (one.OwnerId is not null && me.IsRoot && one.OwnerId == me.OwnerId)
            || (one.Principal is null && one.OwnerId is null && request.IsServerAdministrator);
    }

    /// <summary>The statuses that a parameter selects.</summary>
    /// <exception cref="ControlRefusalException">It is something else.</exception>
    internal static (int Min, int Max) Statuses(ControlRequest request, string parameter) =>
        RequestFilter.Statuses(request.Query(parameter)) ?? throw ControlRefusalException.BadRequest($"{parameter} must be like 404, 5xx or error");
}

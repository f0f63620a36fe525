using System.Globalization;
using Tarn.Server.Requests;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/trace</c>: the requests to S3 as they end.</summary>
internal sealed class TraceEndpoint(RequestWatchers watchers, LastingRights rights, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const string OperationParameter = "operation";
    private const string BucketParameter = "bucket";
    private const string PrefixParameter = "prefix";
    private const string StatusParameter = "status";
    private const string MinParameter = "minMilliseconds";

    public void Map(RouteGroupBuilder api) => api.MapGet("/api/trace", Watch).WithTags("Requests").WithName("WatchRequests").ForRoot("only root users may watch requests")
        .WithQuery(OperationParameter, "Names of operations, separated by commas.")
        .WithQuery(BucketParameter, "The bucket.")
        .WithQuery(PrefixParameter, "The beginning of the key.")
        .WithQuery(StatusParameter, "A status such as 404, all of one kind such as 5xx, or error for 400 and above.")
        .WithQuery(MinParameter, "The shortest duration.")
        .Refuses(429);

    /// <summary>Watches requests: a line of JSON for each that ends, until the client disconnects or the server stops.</summary>
    /// <remarks>
    /// The server's root user sees all; another root user sees those for the buckets and disks of its organization. A client that does not keep up is told by a line
    /// <c>{"lost":N}</c> how many it missed. The answer ends when the credentials that asked for it are revoked. Empty lines only show that the connection is alive.
    /// </remarks>
    public TraceStream Watch(ControlRequest request)
    {
        RequestFilter filter = Filter(request);
        RequestWatcher watcher = watchers.TryWatch(request.Principal.OrganizationId, filter)
            ?? throw new ControlRefusalException(
                StatusCodes.Status429TooManyRequests,
                $"at most {RequestWatchers.MaxOfOne} of an organization and {RequestWatchers.MaxWatchers} in all may watch requests at a time");
        return new TraceStream(watcher, request.By, rights, time, lifetime.ApplicationStopping);
    }

    private static RequestFilter Filter(ControlRequest request)
    {
        (int min, int max) = RequestEndpoints.Statuses(request, StatusParameter);
        return new RequestFilter
        {
            OwnerId = request.IsServerAdministrator ? null : request.Principal.OwnerId,
            Operations = RequestFilter.Names(request.Query(OperationParameter)),
            Bucket = request.Query(BucketParameter),
            Prefix = request.Query(PrefixParameter),
            MinStatus = min,
            MaxStatus = max,
            MinDuration = Duration(request.Query(MinParameter)),
        };
    }

    private static TimeSpan Duration(string? text) => text is null ? TimeSpan.Zero
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds) ? TimeSpan.FromMilliseconds(milliseconds)
        : throw ControlRefusalException.BadRequest($"{MinParameter} must be a number of milliseconds");
}

using Tarn.Server.Requests;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>GET /metrics/buckets</c>: unlike the other metrics it names buckets, so it needs credentials.</summary>
internal sealed class BucketMetricsEndpoint(BucketSeries series)
{
    public void Map(RouteGroupBuilder api) =>
        api.MapGet("/metrics/buckets", GetAsync).WithTags(Tags.Health).WithName("GetBucketMetrics").ForServerAdministrator().Produces<string>(StatusCodes.Status200OK, "text/plain");

    /// <summary>Metrics of buckets.</summary>
    /// <remarks>What the largest buckets hold and what requests do to them, in the Prometheus text format; and how many buckets are left out.</remarks>
    public async Task<IResult> GetAsync(ControlRequest request) => TypedResults.Text(await series.WriteAsync(request.CancellationToken), BucketSeries.MediaType);
}

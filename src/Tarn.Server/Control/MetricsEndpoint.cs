using Tarn.Server.Telemetry;

namespace Tarn.Server.Control;

/// <summary><c>GET /metrics</c>: every instrument in the Prometheus text format.</summary>
internal static class MetricsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes, MetricsRegistry metrics) =>
        routes.MapGet("/metrics", context =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            return context.Response.WriteAsync(PrometheusText.Write(metrics), context.RequestAborted);
        });
}

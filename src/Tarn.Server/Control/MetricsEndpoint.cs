namespace Tarn.Server.Control;

/// <summary><c>GET</c> and <c>HEAD /metrics</c>: every instrument in the Prometheus text format, or in OpenMetrics' for those that ask for it.</summary>
internal static class MetricsEndpoint
{
    private static readonly HttpMethodMetadata Methods = new([HttpMethods.Get, HttpMethods.Head]);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(Methods);
}

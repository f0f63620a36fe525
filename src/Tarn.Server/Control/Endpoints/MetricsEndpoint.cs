namespace Tarn.Server.Control.Endpoints;

/// <summary><c>GET</c> and <c>HEAD /metrics</c>.</summary>
/// <param name="scrape">The exporter.</param>
internal sealed class MetricsEndpoint(RequestDelegate scrape)
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        RequestDelegate scrape = routes.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(_ => true).Build();
        routes.MapMethods("/metrics", Methods, (Delegate)new MetricsEndpoint(scrape).ScrapeAsync)
            .WithTags(Tags.Health).Produces<string>(StatusCodes.Status200OK, TextAnswer.MediaType);
    }

    /// <summary>Metrics.</summary>
    /// <remarks>Every instrument in the Prometheus text format, or in the OpenMetrics format if the Accept header asks for it.</remarks>
    public Task ScrapeAsync(HttpContext context) => scrape(context);
}

using System.Text;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Control;

/// <summary><c>GET</c> and <c>HEAD /metrics</c>: every instrument in the Prometheus text format.</summary>
internal static class MetricsEndpoint
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes, MetricsRegistry metrics) =>
        routes.MapMethods("/metrics", Methods, async context =>
        {
            byte[] text = Encoding.UTF8.GetBytes(PrometheusText.Write(metrics));
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            context.Response.ContentLength = text.Length;
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await context.Response.Body.WriteAsync(text, context.RequestAborted);
            }
        });
}

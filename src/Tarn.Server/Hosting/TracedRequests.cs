using Tarn.Server.Connections;
using Tarn.Server.Control.Endpoints;

namespace Tarn.Server.Hosting;

/// <summary>Which requests get a span: all but probes and scrapes, which would be most of the traces of a quiet server.</summary>
/// <param name="s3HealthPath">The path of probes on the listeners that serve S3; null if they have none.</param>
internal sealed class TracedRequests(string? s3HealthPath)
{
    public bool Includes(HttpContext context) => ListenerRole.ServesS3(context)
        ? s3HealthPath is null || HealthEndpoints.ProbeOf(context.Request, s3HealthPath) is null
        : !context.Request.Path.StartsWithSegments("/metrics", StringComparison.Ordinal) && !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal);
}

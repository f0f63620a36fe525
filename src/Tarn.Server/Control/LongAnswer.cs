using Microsoft.AspNetCore.Http.Features;

namespace Tarn.Server.Control;

/// <summary>What answers have in common that last as long as whoever reads them wants.</summary>
internal static class LongAnswer
{
    /// <summary>Leaves a request out of the metrics: how long somebody watches or fetches says nothing about the server.</summary>
    public static void LeaveOutOfMetrics(HttpContext http)
    {
        if (http.Features.Get<IHttpMetricsTagsFeature>() is { } metrics)
        {
            metrics.MetricsDisabled = true;
        }
    }
}

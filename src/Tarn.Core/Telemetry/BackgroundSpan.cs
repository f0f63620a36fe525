using System.Diagnostics;

namespace Tarn.Core.Telemetry;

/// <summary>Runs background work in a span of its own, which tells how much was done.</summary>
internal static class BackgroundSpan
{
    /// <param name="name">The span's name: the work.</param>
    /// <param name="work">Does the work, and adds what it counted to the span; null if no listener records spans.</param>
    public static async Task RunAsync(string name, Func<Activity?, Task> work)
    {
        using Activity? span = CoreTelemetry.Activities.StartActivity(name);
        try
        {
            await work(span);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            span?.SetStatus(ActivityStatusCode.Error);
            span?.SetTag("error.type", e.GetType().Name);
            throw;
        }
    }
}

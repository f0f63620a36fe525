namespace Tarn.Server.Control;

/// <summary>The routes of the control address.</summary>
internal static class ControlEndpoints
{
    public static void Map(WebApplication app)
    {
        HealthEndpoints.Map(app, app.Lifetime);
        MetricsEndpoint.Map(app, app.Services.GetRequiredService<Telemetry.MetricsRegistry>());
    }
}

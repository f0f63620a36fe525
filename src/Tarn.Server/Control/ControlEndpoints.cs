namespace Tarn.Server.Control;

/// <summary>The routes of the control address.</summary>
internal static class ControlEndpoints
{
    public static void Map(WebApplication app)
    {
        HealthEndpoints.Map(app, app.Lifetime, app.Services.GetRequiredService<Hosting.StoreHealth>());
        MetricsEndpoint.Map(app, app.Services.GetRequiredService<Telemetry.MetricsRegistry>());
    }
}

using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Tarn.Core.Telemetry;
using Tarn.S3.Telemetry;

namespace Tarn.Server.Telemetry;

/// <summary>
/// What listens to the meters and activity sources: always the Prometheus exporter behind <c>/metrics</c>, and OTLP where it is configured.
/// Without OTLP no span is ever made.
/// </summary>
internal static class TelemetrySetup
{
    /// <summary>Series of an instrument beyond which measurements are summed up in one, <c>otel_metric_overflow="true"</c>.</summary>
    public const int SeriesLimit = 200;

    /// <summary>The same for instruments whose labels multiply: requests by operation, route, status and error.</summary>
    public const int RequestSeriesLimit = 2000;

    /// <summary>Milliseconds for which a scrape is answered with what the last one collected, so that many scrapers cost no more than one.</summary>
    public const int ScrapeCacheMilliseconds = 300;

    /// <summary>Adds OpenTelemetry. Exporters collect and send on threads of their own: no request waits for them.</summary>
    public static void AddTarnTelemetry(this IHostApplicationBuilder builder, OtlpSettings otlp)
    {
        builder.Configuration.AddInMemoryCollection(otlp.Variables);
        OpenTelemetry.OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource.AddService("tarn", serviceVersion: Version).AddEnvironmentVariableDetector())
            .WithMetrics(metrics => Add(metrics, otlp));
        if (otlp.Traces)
        {
            telemetry.WithTracing(static tracing => tracing
                .AddAspNetCoreInstrumentation(static options => options.Filter = IsTraced)
                .AddSource(CoreTelemetry.Name, S3Telemetry.Name)
                .AddOtlpExporter());
        }
    }

    /// <summary>What is measured, with its limits, and who exports it.</summary>
    internal static void Add(MeterProviderBuilder metrics, OtlpSettings otlp)
    {
        metrics
            .AddMeter(CoreTelemetry.Name, S3Telemetry.Name, ServerTelemetry.Name)
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            .AddRuntimeInstrumentation()
            .AddProcessInstrumentation()
            .AddView(static instrument => new MetricStreamConfiguration { CardinalityLimit = LimitOf(instrument) })
            .AddPrometheusExporter(static options =>
            {
                options.ScopeInfoEnabled = false;
                options.ScrapeResponseCacheDurationMilliseconds = ScrapeCacheMilliseconds;
            });
        if (otlp.Metrics)
        {
            metrics.AddOtlpExporter();
        }
    }

    private static string Version => typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3) ?? "";

    private static int LimitOf(Instrument instrument) =>
        instrument.Name == "http.server.request.duration" || instrument.Name.StartsWith("tarn.s3.", StringComparison.Ordinal) ? RequestSeriesLimit : SeriesLimit;

    /// <summary>Probes and scrapes would be most of the traces of a quiet server.</summary>
    private static bool IsTraced(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/metrics", StringComparison.Ordinal) && !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal);
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Tarn.Core.Telemetry;
using Tarn.S3;
using Tarn.S3.Telemetry;

namespace Tarn.Server.Telemetry;

/// <summary>
/// Sets up the exporters of meters and activity sources: always Prometheus, behind <c>/metrics</c>, and OTLP if it is configured.
/// Without OTLP no span is created.
/// </summary>
internal static class TelemetrySetup
{
    /// <summary>The number of series of an instrument beyond which measurements are aggregated into one, <c>otel_metric_overflow="true"</c>.</summary>
    public const int SeriesLimit = 200;

    /// <summary>The number of series for instruments whose labels multiply: requests by operation, route, status and error.</summary>
    public const int RequestSeriesLimit = 2000;

    /// <summary>How long scrapes are answered from the last collection, in milliseconds, so that many scrapers cost no more than one.</summary>
    public const int ScrapeCacheMilliseconds = 300;

    /// <summary>Adds OpenTelemetry. Exporters collect and send on their own threads: no request waits for them.</summary>
    /// <param name="builder">The builder of the host.</param>
    /// <param name="otlp">The settings of the OTLP export.</param>
    /// <param name="tracesPerSecond">The maximum number of requests in a second that get spans.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isTraced">Whether a request that begins may get a span.</param>
    public static void AddTarnTelemetry(this IHostApplicationBuilder builder, OtlpSettings otlp, int tracesPerSecond, TimeProvider time, Func<HttpContext, bool> isTraced)
    {
        builder.Configuration.AddInMemoryCollection(otlp.Variables);
        OpenTelemetry.OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource.AddService("tarn", serviceVersion: Version).AddEnvironmentVariableDetector())
            .WithMetrics(metrics => Add(metrics, otlp));
        if (otlp.Traces)
        {
            telemetry.WithTracing(tracing => tracing
                .SetSampler(new TraceSampler(otlp.Sampler(), tracesPerSecond, time))
                .AddAspNetCoreInstrumentation(options =>
                {
                    options.Filter = isTraced;
                    options.EnrichWithHttpRequest = HideSecrets;
                })
                .AddSource(CoreTelemetry.Name, S3Telemetry.Name)
                .AddProcessor(new SpanBounds())
                .AddOtlpExporter());
        }
    }

    /// <summary>Adds the meters with their limits, and the exporters.</summary>
    internal static void Add(MeterProviderBuilder metrics, OtlpSettings otlp)
    {
        metrics
            .AddMeter(CoreTelemetry.Name, S3Telemetry.Name, ServerTelemetry.Name)
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            .AddMeter("otel.sdk.experimental")
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

    /// <summary>
    /// Removes from the span what opens something, for anyone who reads traces: the token of a share link, and the parameters of the query that are not S3's. The instrumentation hides values of
    /// parameters, but not what a client has put into a name.
    /// </summary>
    private static void HideSecrets(Activity span, HttpRequest request)
    {
        if (request.QueryString.Value is { Length: > 0 } query)
        {
            span.SetTag("url.query", LoggedQuery.Of(query));
        }

        if (request.Path.Value is { } path && LoggedQuery.PathOf(path) is var shown && shown.Length < path.Length)
        {
            span.SetTag("url.path", shown);
        }
    }
}

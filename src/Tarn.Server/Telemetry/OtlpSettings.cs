using System.Collections;
using System.Globalization;
using OpenTelemetry.Trace;
using Tarn.Server.Configuration;

namespace Tarn.Server.Telemetry;

/// <summary>
/// The settings of the OTLP export, from OpenTelemetry's own environment variables; nothing is exported unless an endpoint is set.
/// Source: OpenTelemetry specification, "OpenTelemetry Protocol Exporter".
/// </summary>
/// <param name="Variables">All variables that begin with <c>OTEL_</c>, from which the exporters read further settings.</param>
internal sealed record OtlpSettings(IReadOnlyDictionary<string, string?> Variables)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    private const string SamplerName = "OTEL_TRACES_SAMPLER";
    private const string SamplerArgument = "OTEL_TRACES_SAMPLER_ARG";

    /// <summary>Would have the queries of presigned URLs exported, with their signatures and tokens: it has no effect here.</summary>
    private const string UnredactedQueries = "OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION";

    private static readonly string[] Protocols =
        ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"];

    public static OtlpSettings None { get; } = new(new Dictionary<string, string?>());

    /// <summary>Whether spans are recorded and exported.</summary>
    public bool Traces => IsSet(Endpoint, "OTEL_TRACES_EXPORTER") || IsSet(TracesEndpoint, "OTEL_TRACES_EXPORTER");

    /// <summary>Whether metrics are exported, in addition to being scraped.</summary>
    public bool Metrics => IsSet(Endpoint, "OTEL_METRICS_EXPORTER") || IsSet(MetricsEndpoint, "OTEL_METRICS_EXPORTER");

    /// <summary>Which requests are traced, before the limit of <see cref="TraceSampler"/>. Source: OpenTelemetry specification, "General SDK Configuration".</summary>
    /// <exception cref="StartupException">The sampler is unknown, or its argument is not a number from 0 to 1.</exception>
    public Sampler Sampler()
    {
        string? argument = Variables.GetValueOrDefault(SamplerArgument);
        double ratio = 1;
        if (argument is not null && !(double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out ratio) && ratio is >= 0 and <= 1))
        {
            throw new StartupException($"{SamplerArgument}: must be a number from 0 to 1");
        }

        return Variables.GetValueOrDefault(SamplerName) switch
        {
            null or "parentbased_always_on" => new ParentBasedSampler(new AlwaysOnSampler()),
            "parentbased_always_off" => new ParentBasedSampler(new AlwaysOffSampler()),
            "parentbased_traceidratio" => new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio)),
            "always_on" => new AlwaysOnSampler(),
            "always_off" => new AlwaysOffSampler(),
            "traceidratio" => new TraceIdRatioBasedSampler(ratio),
            _ => throw new StartupException($"{SamplerName}: must be always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio"),
        };
    }

    /// <exception cref="StartupException">An endpoint is not a URL, a protocol or the sampler is unknown: the exporters would ignore it.</exception>
    public static OtlpSettings FromEnvironment() => From(Environment.GetEnvironmentVariables());

    /// <inheritdoc cref="FromEnvironment"/>
    internal static OtlpSettings From(IDictionary environment)
    {
        var variables = new Dictionary<string, string?>();
        foreach (DictionaryEntry entry in environment)
        {
            if (entry is { Key: string name, Value: string { Length: > 0 } value } && name.StartsWith("OTEL_", StringComparison.Ordinal) && name != UnredactedQueries)
            {
                variables.Add(name, value);
            }
        }

        foreach (string name in new[] { Endpoint, TracesEndpoint, MetricsEndpoint })
        {
            if (variables.GetValueOrDefault(name) is { } value
                && !(Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)))
            {
                throw new StartupException($"{name}: must be an http or https URL");
            }
        }

        foreach (string name in Protocols)
        {
            if (variables.GetValueOrDefault(name) is not (null or "grpc" or "http/protobuf"))
            {
                throw new StartupException($"{name}: must be grpc or http/protobuf");
            }
        }

        var settings = new OtlpSettings(variables);
        _ = settings.Sampler();
        return settings;
    }

    private bool IsSet(string endpoint, string exporter) => Variables.ContainsKey(endpoint) && Variables.GetValueOrDefault(exporter) != "none";
}

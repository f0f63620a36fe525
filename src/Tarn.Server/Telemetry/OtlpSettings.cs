using System.Collections;
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
    private static readonly string[] Protocols =
        ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"];

    public static OtlpSettings None { get; } = new(new Dictionary<string, string?>());

    /// <summary>Whether spans are recorded and exported.</summary>
    public bool Traces => IsSet(Endpoint, "OTEL_TRACES_EXPORTER") || IsSet(TracesEndpoint, "OTEL_TRACES_EXPORTER");

    /// <summary>Whether metrics are exported, in addition to being scraped.</summary>
    public bool Metrics => IsSet(Endpoint, "OTEL_METRICS_EXPORTER") || IsSet(MetricsEndpoint, "OTEL_METRICS_EXPORTER");

    /// <exception cref="StartupException">An endpoint is not a URL, or a protocol is unknown: the exporters would ignore either.</exception>
    public static OtlpSettings FromEnvironment() => From(Environment.GetEnvironmentVariables());

    /// <inheritdoc cref="FromEnvironment"/>
    internal static OtlpSettings From(IDictionary environment)
    {
        var variables = new Dictionary<string, string?>();
        foreach (DictionaryEntry entry in environment)
        {
            if (entry is { Key: string name, Value: string { Length: > 0 } value } && name.StartsWith("OTEL_", StringComparison.Ordinal))
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

        return new OtlpSettings(variables);
    }

    private bool IsSet(string endpoint, string exporter) => Variables.ContainsKey(endpoint) && Variables.GetValueOrDefault(exporter) != "none";
}

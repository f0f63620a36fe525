using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tarn.Load.Measure;

/// <summary>Shows a result, as text for a person or as one JSON document for a script.</summary>
internal static class Report
{
    private static readonly (string Name, double Fraction)[] Percentiles = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1)];

    public static string Text(RunResult result)
    {
        var text = new StringBuilder();
        double seconds = result.Elapsed.TotalSeconds;
        foreach ((string name, OperationStats o) in result.Operations)
        {
            Line(text, $"{name}: {o.Requests} requests in {seconds:0.00} s, {o.Requests / seconds:0.0} requests/s, {o.Bytes / seconds / 1e6:0.0} MB/s, {o.Errors} errors");
            if (o.Items > 0)
            {
                Line(text, $"  {o.Items} keys and prefixes, {o.Items / seconds:0} per s, {o.Listings} complete listings");
            }

            Line(text, $"  latency    {Times(o.Latency)}");
            Line(text, $"  first byte {Times(o.FirstByte)}");
        }

        if (result.ServerAfter is { } after)
        {
            Line(text, $"server: {result.ServerCpuSeconds:0.00} CPU-s, {result.CpuMicrosecondsPerRequest:0.0} µs per request, {result.CpuSecondsPerGigabyte?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-"} CPU-s/GB");
            Line(text, $"        {after.ResidentBytes / 1048576.0:0.0} MiB resident, {after.PeakBytes / 1048576.0:0.0} MiB at most {(result.PeakIsOfRun ? "in this run" : "since its start")}");
        }

        Line(text, $"client: {result.ClientCpuSeconds:0.00} CPU-s, {result.Reconnects} reconnects");
        return text.ToString();
    }

    public static string Json(RunResult result, string command, long verified)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            double seconds = result.Elapsed.TotalSeconds;
            json.WriteStartObject();
            json.WriteString("command", command);
            json.WriteNumber("seconds", seconds);
            json.WriteNumber("requests", result.Requests);
            json.WriteNumber("errors", result.Errors);
            json.WriteNumber("requestsPerSecond", result.Requests / seconds);
            json.WriteNumber("megabytesPerSecond", result.Bytes / seconds / 1e6);
            json.WriteNumber("bytes", result.Bytes);
            json.WriteNumber("verified", verified);
            json.WriteNumber("reconnects", result.Reconnects);
            json.WriteNumber("clientCpuSeconds", result.ClientCpuSeconds);
            if (result.ServerAfter is { } after)
            {
                json.WriteStartObject("server");
                Optional(json, "cpuSeconds", result.ServerCpuSeconds);
                Optional(json, "cpuMicrosecondsPerRequest", result.CpuMicrosecondsPerRequest);
                Optional(json, "cpuSecondsPerGigabyte", result.CpuSecondsPerGigabyte);
                json.WriteNumber("residentBytes", after.ResidentBytes);
                json.WriteNumber("peakBytes", after.PeakBytes);
                json.WriteBoolean("peakIsOfRun", result.PeakIsOfRun);
                json.WriteEndObject();
            }

            json.WriteStartObject("operations");
            foreach ((string name, OperationStats o) in result.Operations)
            {
                json.WriteStartObject(name);
                json.WriteNumber("requests", o.Requests);
                json.WriteNumber("errors", o.Errors);
                json.WriteNumber("bytes", o.Bytes);
                json.WriteNumber("requestsPerSecond", o.Requests / seconds);
                json.WriteNumber("keys", o.Items);
                json.WriteNumber("keysPerSecond", o.Items / seconds);
                json.WriteNumber("completeListings", o.Listings);
                Milliseconds(json, "latencyMs", o.Latency);
                Milliseconds(json, "firstByteMs", o.FirstByte);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteStartArray("errorMessages");
            foreach (string message in result.ErrorMessages)
            {
                json.WriteStringValue(message);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Optional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void Milliseconds(Utf8JsonWriter json, string name, LatencyHistogram histogram)
    {
        json.WriteStartObject(name);
        foreach ((string percentile, double fraction) in Percentiles)
        {
            json.WriteNumber(percentile, histogram.Percentile(fraction) / 1e6);
        }

        json.WriteEndObject();
    }

    private static string Times(LatencyHistogram histogram) => string.Join(
        "  ", Percentiles.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Name} {histogram.Percentile(p.Fraction) / 1e6:0.000} ms")));

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}

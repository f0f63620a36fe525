using System.Globalization;
using System.Text;

namespace Tarn.Server.Telemetry;

/// <summary>
/// Writes metrics in the Prometheus text exposition format 0.0.4. Dots in names become underscores; totals end in
/// <c>_total</c>, and a unit of seconds or bytes is part of the name.
/// </summary>
internal static class PrometheusText
{
    public static string Write(MetricsRegistry registry)
    {
        registry.Observe();
        var text = new StringBuilder();
        foreach (Metric metric in registry.Metrics)
        {
            MetricSeries[] series = [.. metric.Series];
            if (series.Length == 0)
            {
                continue;
            }

            string name = Name(metric);
            text.Append("# HELP ").Append(name).Append(' ')
                .Append((metric.Instrument.Description ?? metric.Instrument.Name).Replace('\n', ' ')).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(TypeName(metric.Kind)).Append('\n');
            foreach (MetricSeries one in series)
            {
                Append(text, name, metric, one);
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string name, Metric metric, MetricSeries series)
    {
        (double sum, long count, long[] buckets) = series.Read();
        if (metric.Kind != MetricKind.Histogram)
        {
            AppendLine(text, name, series, null, sum);
            return;
        }

        long below = 0;
        for (int i = 0; i < metric.Bounds.Count; i++)
        {
            below += buckets[i];
            AppendLine(text, name + "_bucket", series, metric.Bounds[i].ToString(CultureInfo.InvariantCulture), below);
        }

        AppendLine(text, name + "_bucket", series, "+Inf", count);
        AppendLine(text, name + "_sum", series, null, sum);
        AppendLine(text, name + "_count", series, null, count);
    }

    private static void AppendLine(StringBuilder text, string name, MetricSeries series, string? bound, double value)
    {
        text.Append(name);
        char before = '{';
        foreach (KeyValuePair<string, object?> tag in series.Tags)
        {
            string label = Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "";
            label = label.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(before).Append(Clean(tag.Key)).Append("=\"").Append(label).Append('"');
            before = ',';
        }

        if (bound is not null)
        {
            text.Append(before).Append("le=\"").Append(bound).Append('"');
            before = ',';
        }

        text.Append(before == ',' ? "} " : " ").Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Name(Metric metric)
    {
        string name = Clean(metric.Instrument.Name);
        string? unit = metric.Instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => null };
        if (unit is not null && !name.EndsWith(unit, StringComparison.Ordinal))
        {
            name += unit;
        }

        bool isTotal = metric.Kind is MetricKind.Counter or MetricKind.ObservableTotal;
        return isTotal && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private static string TypeName(MetricKind kind) => kind switch
    {
        MetricKind.Counter or MetricKind.ObservableTotal => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static string Clean(string name) =>
        string.Create(name.Length, name, static (to, from) =>
        {
            for (int i = 0; i < from.Length; i++)
            {
                to[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
            }
        });
}

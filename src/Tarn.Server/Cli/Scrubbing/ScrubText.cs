using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tarn.Server.Cli.Scrubbing;

/// <summary>The answers about scrubbing as text for people.</summary>
internal static class ScrubText
{
    public static string Status(JsonElement status)
    {
        var text = new StringBuilder();
        Line(text, $"state    {status.GetProperty("state").GetString()}");
        Pass(text, status, "current");
        Pass(text, status, "last");
        if (status.TryGetProperty("next", out JsonElement next))
        {
            Line(text, $"next     {next.GetString()}");
        }

        if (status.TryGetProperty("orphansKeptBecause", out JsonElement reason))
        {
            Line(text, $"orphans  kept: {TerminalText.Of(reason.GetString()!)}");
        }

        return text.ToString();
    }

    /// <summary>How far the pass under way is, as a line.</summary>
    public static string Progress(JsonElement status) => status.TryGetProperty("current", out JsonElement pass)
        ? $"{status.GetProperty("state").GetString()}: {Number(pass, "objects")} objects, {HumanBytes.Of(pass.GetProperty("bytes").GetInt64())} read, {Number(pass, "damaged")} damaged"
        : status.GetProperty("state").GetString()!;

    public static string Report(JsonElement report)
    {
        var text = new StringBuilder(Status(report.GetProperty("scrub")));
        Failures(text, report, "currentFailures", "current");
        Failures(text, report, "lastFailures", "last");

        foreach (JsonElement damaged in report.GetProperty("damaged").EnumerateArray())
        {
            Line(text, $"damaged  {Damaged(damaged)}");
        }

        if (report.GetProperty("hasMoreDamaged").GetBoolean())
        {
            Line(text, $"damaged  … and more: tarn object damaged list");
        }

        return text.ToString();
    }

    private static void Failures(StringBuilder text, JsonElement report, string list, string pass)
    {
        foreach (JsonElement failure in report.GetProperty(list).EnumerateArray())
        {
            Line(text, $"failed   {pass}: {TerminalText.Of(failure.GetString()!)}");
        }
    }

    private static string Damaged(JsonElement damaged)
    {
        string place = damaged.TryGetProperty("uploadId", out JsonElement upload)
            ? $"part {damaged.GetProperty("partNumber").GetInt32()} of upload {upload.GetString()}"
            : $"version {Text(damaged, "versionId")}";
        string name = TerminalText.Of($"{Text(damaged, "bucket")}/{Text(damaged, "key")}");
        return $"{name} {place}: {Text(damaged, "kind")} [data {Text(damaged, "data")}]{(damaged.GetProperty("isGone").GetBoolean() ? " (deleted, but its data is shared)" : "")}";
    }

    public static string Drop(JsonElement drop) => drop.GetProperty("state").GetString() == "running"
        ? $"running: {Number(drop, "rows")} rows read\n"
        : $"dropped {Number(drop, "blobs")} blobs, {Number(drop, "bytes")} bytes; put back {Number(drop, "broughtBack")}\n";

    private static void Pass(StringBuilder text, JsonElement status, string name)
    {
        if (!status.TryGetProperty(name, out JsonElement pass))
        {
            return;
        }

        string finished = pass.TryGetProperty("finished", out JsonElement end) ? $" to {end.GetString()}" : "";
        Line(text, $"{name,-8} {pass.GetProperty("began").GetString()}{finished}: {Number(pass, "objects")} objects, {Number(pass, "bytes")} bytes, {Number(pass, "damaged")} damaged, "
            + $"{Number(pass, "notVerifiable")} not verifiable, {Number(pass, "sealed")} given checksums, {Number(pass, "rewritten")} written anew, {Number(pass, "orphans")} orphans, {Number(pass, "failures")} failures");
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static string Text(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "-" : "-";

    private static string Number(JsonElement item, string name) => item.GetProperty(name).GetInt64().ToString("N0", CultureInfo.InvariantCulture);
}

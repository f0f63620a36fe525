using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tarn.Server.Cli.Status;

/// <summary>A server's status as text for people.</summary>
internal static class StatusText
{
    private const int Width = 12;

    public static string Of(Uri endpoint, HealthProbe.Answer answer, JsonElement? status, string? why)
    {
        var text = new StringBuilder();
        Line(text, "state", answer.IsReady ? "ready" : $"not ready: {TerminalText.Of(answer.Text)}");
        if (status is not { } known)
        {
            Line(text, "control", endpoint.GetLeftPart(UriPartial.Authority));
            if (why is not null)
            {
                Line(text, "", TerminalText.Of(why));
            }

            return text.ToString();
        }

        Line(text, "version", () => $"{Text(known, "version")}, format {Number(known, "storeFormat")} of {Text(known, "dataDirectory")}");
        Line(text, "up", () => $"{Span(TimeSpan.FromSeconds(known.GetProperty("uptimeSeconds").GetInt64()))}, since {Time(known.GetProperty("startedAt"))}");
        Line(text, "s3", () => $"{Text(known, "s3")}   {Load(known.GetProperty("s3Load"))}");
        Line(text, "control", () => $"{Text(known, "control")}   {Load(known.GetProperty("controlLoad"))}");
        if (known.TryGetProperty("usesDevKey", out JsonElement isDev) && isDev.ValueKind == JsonValueKind.True)
        {
            Line(text, "root key", "that of the documentation (--dev)");
        }

        if (known.TryGetProperty("stores", out JsonElement stores) && stores.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement store in stores.EnumerateArray())
            {
                Line(text, "space", () => $"{Text(store, "store")} in {Space(store)}");
            }
        }

        Line(text, "holds", () => Held(known));
        Line(text, "damage", () => Damage(known));
        Line(text, "scrub", () => Scrub(known.GetProperty("scrub")));
        Line(text, "reclaim", () => $"{Number(known, "reclaimBacklog")} removals due");
        Line(text, "lifecycle", () => Lifecycle(known.GetProperty("lifecycle")));
        Line(text, "backup", () => Backup(known.GetProperty("backup"), known.GetProperty("startedAt").GetDateTimeOffset().AddSeconds(known.GetProperty("uptimeSeconds").GetInt64())));
        return text.ToString();
    }

    private static string Held(JsonElement status)
    {
        if (status.TryGetProperty("heldError", out JsonElement error) && error.ValueKind == JsonValueKind.String)
        {
            return $"cannot be read: {TerminalText.Of(error.GetString()!)}";
        }

        JsonElement held = status.GetProperty("held");
        string counting = held.GetProperty("isExact").GetBoolean() ? "" : " (still being counted)";
        return $"{Number(held, "buckets")} buckets, {Number(held, "objects")} objects with {Bytes(held, "bytes")}, {Number(held, "noncurrentVersions")} older versions with {Bytes(held, "noncurrentBytes")}, "
            + $"{Number(held, "uploads")} uploads in progress with {Bytes(held, "uploadBytes")}{counting}";
    }

    private static string Damage(JsonElement status)
    {
        long damaged = status.GetProperty("damaged").GetInt64(), reads = status.GetProperty("metadataDamagedReads").GetInt64();
        return (damaged == 0 ? "none known" : $"{damaged} found: tarn object damaged list")
            + (reads == 0 ? "" : $"; the metadata is damaged, {reads} reads met it: see the log")
            + (status.GetProperty("metadataFailed").GetBoolean() ? "; a write to the metadata failed, so that none is accepted: see the log, then restart the server" : "");
    }

    private static string Lifecycle(JsonElement lifecycle) =>
        $"{Number(lifecycle, "expired")} objects expired, {Number(lifecycle, "versionsDeleted")} versions deleted, {Number(lifecycle, "uploadsAborted")} uploads aborted since the start";

    private static string Load(JsonElement load) => $"{Number(load, "connections")} of {Number(load, "maxConnections")} connections, {Number(load, "requests")} requests in flight";

    private static string Space(JsonElement store) =>
        store.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.String ? $"{Text(store, "path")}: {TerminalText.Of(error.GetString()!)}"
        : $"{Text(store, "path")}: {Bytes(store, "freeBytes")} of {Bytes(store, "totalBytes")} free"
            + (store.TryGetProperty("freeInodes", out JsonElement inodes) && inodes.ValueKind == JsonValueKind.Number ? string.Create(CultureInfo.InvariantCulture, $", {inodes.GetInt64():N0} inodes") : "");

    private static string Scrub(JsonElement scrub)
    {
        string state = Text(scrub, "state");
        return scrub.TryGetProperty("last", out JsonElement last) && last.ValueKind == JsonValueKind.Object && last.TryGetProperty("finished", out JsonElement finished)
            ? $"{state}; the last pass ended {Time(finished)}, {Number(last, "damaged")} found damaged"
            : $"{state}; no pass has ended yet";
    }

    private static string Backup(JsonElement backup, DateTimeOffset now)
    {
        string running = backup.GetProperty("running").GetBoolean() ? "one is under way; " : "";
        return running + (backup.TryGetProperty("lastFull", out JsonElement full) && full.ValueKind == JsonValueKind.String
            ? $"the last full one was begun {Span(now - full.GetDateTimeOffset())} ago"
            : "none since the server was started; for earlier ones: tarn backup list");
    }

    private static void Line(StringBuilder text, string name, string value) => text.Append(name.PadRight(Width)).Append(value).Append('\n');

    /// <summary>A line of what the server told; one of another version may not tell it, or tell it otherwise.</summary>
    private static void Line(StringBuilder text, string name, Func<string> value)
    {
        try
        {
            Line(text, name, value());
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            Line(text, name, "not told by a server of this version");
        }
    }

    private static string Text(JsonElement parent, string name) => TerminalText.Of(parent.GetProperty(name).GetString()!);

    private static string Number(JsonElement parent, string name) => parent.GetProperty(name).GetInt64().ToString("N0", CultureInfo.InvariantCulture);

    private static string Bytes(JsonElement parent, string name) => HumanBytes.Of(parent.GetProperty(name).GetInt64());

    private static string Time(JsonElement time) => time.GetDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Span(TimeSpan span) => string.Create(
        CultureInfo.InvariantCulture, $"{(span.Days > 0 ? $"{span.Days} d " : "")}{span.Hours:00}:{span.Minutes:00}:{span.Seconds:00}");
}

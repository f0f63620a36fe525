using System.Globalization;
using System.Text;
using System.Text.Json;
using Tarn.Server.Cli.Policies;

namespace Tarn.Server.Cli.Requests;

/// <summary>Renders requests as text. Clients chose much of it, so control characters are escaped.</summary>
internal static class RequestText
{
    private static readonly (string Member, string Label)[] Facts =
    [
        ("requestId", "request"), ("time", "time"), ("operation", "operation"), ("bucket", "bucket"), ("key", "key"), ("requester", "requester"), ("remote", "from"), ("accelerator", "through"),
    ];

    /// <summary>Where the time of a request went.</summary>
    public static string Explanation(JsonElement request)
    {
        var text = new StringBuilder();
        text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{Text(request, "method")} {Outcome(request)} in {request.GetProperty("milliseconds").GetDouble():0.###} ms"));
        foreach ((string member, string label) in Facts)
        {
            if (Text(request, member) is { Length: > 0 } value)
            {
                text.AppendLine($"  {label,-10}  {value}");
            }
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"  {"bytes",-10}  {request.GetProperty("bytesIn").GetInt64()} in, {request.GetProperty("bytesOut").GetInt64()} out");
        if (request.TryGetProperty("plannedBytes", out JsonElement planned))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {"resolved",-10}  the accelerator reads {planned.GetInt64()} bytes of the object by itself");
        }

        if (request.TryGetProperty("firstByteMilliseconds", out JsonElement first))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {"first byte",-10}  after {first.GetDouble():0.###} ms");
        }

        text.AppendLine("Where the time went:");
        foreach (JsonElement stage in request.GetProperty("stages").EnumerateArray())
        {
            int calls = stage.TryGetProperty("calls", out JsonElement count) ? count.GetInt32() : 0;
            text.AppendLine(CultureInfo.InvariantCulture, $"  {Text(stage, "stage"),-14}  {stage.GetProperty("milliseconds").GetDouble(),12:0.000} ms{(calls > 1 ? $"  in {calls} parts" : "")}");
        }

        if (request.TryGetProperty("denial", out JsonElement denial))
        {
            text.Append(ExplanationText.Of(denial));
        }

        return text.ToString();
    }

    /// <summary>What became of a request in the accelerator that it came through.</summary>
    /// <param name="line">The line of its access log.</param>
    public static string ThroughAccelerator(JsonElement line)
    {
        var text = new StringBuilder("In the accelerator:");
        text.AppendLine();
        text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"  {"answer",-10}  {Number(line, "status"):0} in {Number(line, "milliseconds"):0.###} ms"));
        foreach ((string member, string label) in new[] { ("failure", "failed"), ("cache", "cache"), ("remote", "from") })
        {
            if (Text(line, member) is { Length: > 0 } value)
            {
                text.AppendLine($"  {label,-10}  {value}");
            }
        }

        text.AppendLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {"bytes",-10}  {Number(line, "bytesOut"):0} out: {Number(line, "bytesFromCache"):0} from the cache, {Number(line, "bytesFromPeers"):0} from other accelerators, {Number(line, "bytesFromUpstream"):0} from the server"));
        return text.ToString();
    }

    /// <summary>A request as one line.</summary>
    public static string Line(JsonElement request)
    {
        string key = Text(request, "key");
        string target = key.Length > 0 ? $"{Text(request, "bucket")}/{key}" : Text(request, "bucket");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Text(request, "time")}  {Outcome(request)}  {Text(request, "operation")}  {(target.Length > 0 ? target : "-")}  {request.GetProperty("milliseconds").GetDouble():0.0} ms  in={request.GetProperty("bytesIn").GetInt64()} out={request.GetProperty("bytesOut").GetInt64()}{Planned(request)}  {Or(Text(request, "requester"))}  {Or(Text(request, "remote"))}  {Text(request, "requestId")}");
    }

    private static string Outcome(JsonElement request) =>
        Text(request, "error") is { Length: > 0 } error
            ? string.Create(CultureInfo.InvariantCulture, $"{request.GetProperty("status").GetInt32()} {error}")
            : request.GetProperty("status").GetInt32().ToString(CultureInfo.InvariantCulture);

    private static string Planned(JsonElement request) =>
        request.TryGetProperty("plannedBytes", out JsonElement planned) ? string.Create(CultureInfo.InvariantCulture, $" planned={planned.GetInt64()}") : "";

    private static string Or(string text) => text.Length > 0 ? text : "-";

    private static double Number(JsonElement element, string member) => element.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 0;

    private static string Text(JsonElement element, string member) =>
        element.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String ? TerminalText.Of(value.GetString() ?? "") : "";
}

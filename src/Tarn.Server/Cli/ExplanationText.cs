using System.Text;
using System.Text.Json;

namespace Tarn.Server.Cli;

/// <summary>An explanation of the control API for people to read.</summary>
internal static class ExplanationText
{
    private static readonly (string Member, string Label)[] Facts =
    [
        ("principal", "principal"), ("accessKey", "access key"), ("operation", "operation"), ("action", "action"), ("resource", "resource"),
        ("requestId", "request"), ("time", "time"),
    ];

    public static string Of(JsonElement answer)
    {
        var text = new StringBuilder();
        string decision = answer.GetProperty("decision").GetString() == "allowed" ? "Allowed" : "Denied";
        text.AppendLine($"{decision}: {answer.GetProperty("reason").GetString()}");
        foreach ((string member, string label) in Facts)
        {
            if (answer.TryGetProperty(member, out JsonElement value))
            {
                text.AppendLine($"  {label,-10}  {value.GetString()}");
            }
        }

        if (answer.TryGetProperty("context", out JsonElement context) && context.EnumerateObject().Any())
        {
            text.AppendLine("Condition keys that policies asked for:");
            foreach (JsonProperty key in context.EnumerateObject())
            {
                text.AppendLine($"  {key.Name} = {(key.Value.ValueKind == JsonValueKind.Null ? "(none; --context gives one)" : key.Value.GetString())}");
            }
        }

        if (answer.TryGetProperty("signature", out JsonElement signature))
        {
            text.AppendLine($"The server saw the Host header: {signature.GetProperty("host").GetString()}");
            Block(text, "The canonical request, as the server made it:", signature.GetProperty("canonicalRequest").GetString()!);
            Block(text, "The string to sign, as the server made it:", signature.GetProperty("stringToSign").GetString()!);
        }

        return text.ToString();
    }

    private static void Block(StringBuilder text, string heading, string content)
    {
        // The signature of a form has no canonical request.
        if (content.Length > 0)
        {
            text.AppendLine(heading);
            foreach (string line in content.Split('\n'))
            {
                text.AppendLine($"  {line}".TrimEnd());
            }
        }
    }
}

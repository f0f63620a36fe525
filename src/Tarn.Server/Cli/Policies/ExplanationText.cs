using System.Text;
using System.Text.Json;

namespace Tarn.Server.Cli.Policies;

/// <summary>Renders an explanation from the control API as text.</summary>
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
        text.AppendLine($"{decision}: {Plain(answer.GetProperty("reason").GetString()!)}");
        foreach ((string member, string label) in Facts)
        {
            if (answer.TryGetProperty(member, out JsonElement value))
            {
                text.AppendLine($"  {label,-10}  {Plain(value.GetString()!)}");
            }
        }

        if (answer.TryGetProperty("context", out JsonElement context) && context.EnumerateObject().Any())
        {
            text.AppendLine("Condition keys that policies looked up:");
            foreach (JsonProperty key in context.EnumerateObject())
            {
                text.AppendLine($"  {key.Name} = {(key.Value.ValueKind == JsonValueKind.Null ? "(absent; set it with --context)" : key.Value.GetString())}");
            }
        }

        if (answer.TryGetProperty("signature", out JsonElement signature))
        {
            text.AppendLine($"The Host header that the server received: {signature.GetProperty("host").GetString()}");
            Block(text, "The canonical request, as the server built it:", signature.GetProperty("canonicalRequest").GetString()!);
            Block(text, "The string to sign, as the server built it:", signature.GetProperty("stringToSign").GetString()!);
        }

        return text.ToString();
    }

    // Keys and headers come from anyone: control characters in them must not reach the terminal.
    private static string Plain(string text) =>
        string.Create(text.Length, text, static (to, from) =>
        {
            for (int i = 0; i < from.Length; i++)
            {
                to[i] = char.IsControl(from[i]) ? '\uFFFD' : from[i];
            }
        });

    private static void Block(StringBuilder text, string heading, string content)
    {
        // The signature of a form has no canonical request.
        if (content.Length > 0)
        {
            text.AppendLine(heading);
            foreach (string line in content.Split('\n'))
            {
                text.AppendLine($"  {Plain(line)}".TrimEnd());
            }
        }
    }
}

using System.Buffers;
using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Policies;

/// <summary><c>tarn policy explain</c>.</summary>
internal static class PolicyExplainCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> request = ControlCli.Text("--request-id", "ID", "A request that was denied: its x-amz-request-id.");
        Option<string?> principal = ControlCli.Text("--principal", "WHO", "An ARN of a user, role, session or workload, ORG, ORG/USER, an access key id, or anonymous.");
        Option<string?> action = ControlCli.Text("--action", "ACTION", "A policy action such as s3:GetObject.");
        Option<string?> resource = ControlCli.Text("--resource", "RESOURCE", "arn:aws:s3:::BUCKET/KEY or BUCKET/KEY; without a key, the bucket.");
        Option<string?> version = ControlCli.Text("--version-id", "ID", "The version that the request names.");
        var context = new Option<string[]>("--context")
        {
            Description = "A condition key and its value, such as aws:SourceIp=192.0.2.1.",
            HelpName = "KEY=VALUE",
            AllowMultipleArgumentsPerToken = true,
        };
        return cli.Verb(
            "explain",
            "Explain why a request was denied, or how a hypothetical one would be decided.",
            [request, principal, action, resource, version, context],
            async (parsed, client, output, cancellationToken) =>
            {
                byte[] body = Body(
                    [
                        ("requestId", parsed.GetValue(request)),
                        ("principal", parsed.GetValue(principal)),
                        ("action", parsed.GetValue(action)),
                        ("resource", parsed.GetValue(resource)),
                        ("versionId", parsed.GetValue(version)),
                    ],
                    parsed.GetValue(context) ?? []);
                JsonElement answer = await client.SendAsync(
                    HttpMethod.Post, ControlClient.Path("api", "access", "explain"), body, cancellationToken);
                output.Show(answer, ExplanationText.Of);
            });
    }

    private static byte[] Body(ReadOnlySpan<(string Name, string? Value)> members, string[] context)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(bytes);
        writer.WriteStartObject();
        foreach ((string name, string? value) in members)
        {
            if (value is not null)
            {
                writer.WriteString(name, value);
            }
        }

        if (context.Length > 0)
        {
            writer.WriteStartObject("context");
            foreach (IGrouping<string, string> values in context.Select(Split).GroupBy(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal))
            {
                writer.WriteStartArray(values.Key);
                foreach (string value in values)
                {
                    writer.WriteStringValue(value);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    // A value may contain an equals sign: the first one separates it from the key.
    private static (string Name, string Value) Split(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? (text[..equals], text[(equals + 1)..]) : throw new CliException($"--context: '{text}' is not like aws:SourceIp=192.0.2.1");
    }
}

using System.CommandLine;
using System.Text.Json;
using Tarn.Core.Policy.Documents;
using Tarn.Server.Cli.Policies;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Keys;

/// <summary><c>tarn key create</c>.</summary>
internal static class KeyCreateCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> org = ControlCli.Text("--org", "ORG", "The organization; yours by default.");
        Option<string?> user = ControlCli.Text("--user", "USER", "The user; you if you are one, or else the organization's root user by default.");
        Option<string?> policy = ControlCli.Text(
            "--policy", "POLICY", "What it may do at most, of what its user may: read-only, read-write, write-only, or a file with a policy document (- reads standard input).");
        Option<string[]> buckets = new("--bucket")
        {
            Description = "A bucket that the named policy is for, any number of times; all by default.",
            HelpName = "BUCKET",
        };
        Option<string?> expires = ControlCli.Text("--expires", "DURATION", "How long it is valid: 90s, 15m, 12h, 30d. Without end by default.");
        (Option<string?> id, Option<string?> secret) = KeyCommand.Given();
        return cli.Verb(
            "create",
            "Create an access key; its secret is shown only once.",
            [org, user, policy, buckets, expires, id, secret],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new AccessKeyBody
                {
                    Organization = parsed.GetValue(org),
                    User = parsed.GetValue(user),
                    Policy = parsed.GetValue(policy) is { } wanted ? await PolicyAsync(wanted, cancellationToken) : null,
                    Buckets = parsed.GetValue(buckets) is { Length: > 0 } names ? names : null,
                    DurationSeconds = CliDuration.Seconds(expires.Name, parsed.GetValue(expires)),
                    AccessKey = parsed.GetValue(id),
                    SecretKey = parsed.GetValue(secret),
                };
                JsonElement made = await client.SendAsync(
                    HttpMethod.Post, "/api/keys", body, ControlJson.Default.AccessKeyBody, cancellationToken);
                output.Show(made);
            });
    }

    /// <exception cref="CliException">It is neither the name of a policy nor a file that has one.</exception>
    private static async Task<JsonElement> PolicyAsync(string policy, CancellationToken cancellationToken)
    {
        bool isNamed = CannedPolicies.Names.Contains(policy);
        try
        {
            using JsonDocument document = isNamed
                ? JsonDocument.Parse($"\"{policy}\"")
                : JsonDocument.Parse(await PolicyFile.ReadAsync(policy, cancellationToken));
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new CliException($"{policy}: is not JSON: {e.Message}", e);
        }
    }
}

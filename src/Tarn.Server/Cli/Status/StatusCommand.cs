using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Status;

/// <summary><c>tarn status</c>: whether a server is ready and, with the root user's credentials, how it is.</summary>
internal static class StatusCommand
{
    /// <param name="variables">The environment: the server's own in a container, where this command is its health check.</param>
    /// <param name="time">The clock for signatures.</param>
    public static Command Create(IReadOnlyDictionary<string, string> variables, TimeProvider time)
    {
        Option<string?> endpoint = ControlCli.Text("--endpoint", "URL", "The control address of the server; TARN_ENDPOINT, or else that of the settings in the environment, by default http://127.0.0.1:9001.");
        Option<bool> health = new("--health") { Description = "Ask only whether the server is ready, which needs no credentials: for health checks." };
        Option<bool> json = new("--json") { Description = "Print one JSON document." };
        var command = new Command("status", "Show how a server is. The exit code is 0 only if it is ready.") { endpoint, health, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string? named = parsed.GetValue(endpoint) ?? variables.GetValueOrDefault("TARN_ENDPOINT");
            Uri target = string.IsNullOrEmpty(named) ? LocalServer.Endpoint(SettingValues.Collect(static _ => null, variables)) : ControlCli.ParseEndpoint(parsed.GetValue(endpoint) is null ? "TARN_ENDPOINT" : "--endpoint", named);
            HealthProbe.Answer answer = await HealthProbe.AskAsync(target, cancellationToken);
            JsonElement? status = null;
            string? why = null;
            if (!parsed.GetValue(health))
            {
                (status, why) = await AskAsync(target, variables, time, cancellationToken);
            }

            var output = new CliOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json));
            output.Show(Document(answer, status, why), () => StatusText.Of(target, answer, status, why));
            return answer.IsReady ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>The status, or why there is none: a server that is not ready may have one.</summary>
    private static async Task<(JsonElement? Status, string? Why)> AskAsync(
        Uri target, IReadOnlyDictionary<string, string> variables, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!ClientCredentials.AreIn(variables.GetValueOrDefault))
        {
            return (null, "for more, set TARN_ROOT_ACCESS_KEY and TARN_ROOT_SECRET_KEY, or TARN_API_KEY, to credentials of the server's root user");
        }

        try
        {
            // A signature is no secret, a token is.
            var credentials = ClientCredentials.From(variables.GetValueOrDefault);
            using var client = new ControlClient(target, credentials, time, credentials.Token is null ? HealthProbe.Handler(target) : null);
            return (await client.SendAsync(HttpMethod.Get, "/api/status", cancellationToken), null);
        }
        catch (CliException e)
        {
            return (null, e.Message);
        }
    }

    private static JsonObject Document(HealthProbe.Answer answer, JsonElement? status, string? why)
    {
        JsonObject document = new() { ["ready"] = answer.IsReady, ["health"] = answer.Text };
        if (status is { } known)
        {
            foreach (JsonProperty member in known.EnumerateObject())
            {
                document[member.Name] = JsonNode.Parse(member.Value.GetRawText());
            }
        }
        else if (why is not null)
        {
            document["statusError"] = why;
        }

        return document;
    }
}

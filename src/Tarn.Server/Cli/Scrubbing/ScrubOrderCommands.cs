using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Scrubbing;

/// <summary><c>tarn scrub status</c>, <c>start</c>, <c>pause</c> and <c>resume</c>, which all show the state.</summary>
internal static class ScrubOrderCommands
{
    public static Command Status(ControlCli cli, TimeProvider time) => CreateWithWait(cli, time, "status", "Show what scrubbing does, and the last pass.", HttpMethod.Get, "/api/scrub");

    public static Command Start(ControlCli cli, TimeProvider time) =>
        CreateWithWait(cli, time, "start", "Begin a pass now, or go on with a paused one.", HttpMethod.Post, "/api/scrub/start");

    public static Command Pause(ControlCli cli) =>
        Create(cli, "pause", "Interrupt the pass, and begin no other; this outlasts restarts of the server.", HttpMethod.Post, "/api/scrub/pause");

    public static Command Resume(ControlCli cli) => Create(cli, "resume", "End a pause: an interrupted pass goes on where it was.", HttpMethod.Post, "/api/scrub/resume");

    private static Command Create(ControlCli cli, string name, string description, HttpMethod method, string path) => cli.Verb(
        name,
        description,
        [],
        async (_, client, output, cancellationToken) => output.Show(await client.SendAsync(method, path, cancellationToken), ScrubText.Status));

    private static Command CreateWithWait(ControlCli cli, TimeProvider time, string name, string description, HttpMethod method, string path)
    {
        Option<bool> wait = new("--wait") { Description = "Wait until no pass is under way; the exit code is 1 if the last one found damage or could not read something." };
        return cli.Verb(
            name,
            description,
            [wait],
            async (parsed, client, output, cancellationToken) =>
            {
                bool waits = parsed.GetValue(wait);

                // A pass that is asked for begins a moment later.
                string? before = method == HttpMethod.Post && waits ? End(await client.SendAsync(HttpMethod.Get, "/api/scrub", cancellationToken)) : null;
                bool begins = method == HttpMethod.Post;
                JsonElement status = await client.SendAsync(method, path, cancellationToken);
                status = await Waiting.UntilAsync(
                    parsed,
                    status,
                    state => !waits || !(State(state) == "running" || (begins && State(state) == "waiting" && End(state) == before)),
                    () => client.SendAsync(HttpMethod.Get, "/api/scrub", cancellationToken),
                    ScrubText.Progress,
                    time,
                    cancellationToken);
                output.Show(status, ScrubText.Status);
                if (waits && begins && State(status) == "paused")
                {
                    throw new CliException("the pass was paused before it ended: tarn scrub resume");
                }

                if (waits && status.TryGetProperty("last", out JsonElement last) && last.GetProperty("damaged").GetInt64() + last.GetProperty("failures").GetInt64() > 0)
                {
                    throw new CliException("the last pass found damage, or could not read something: tarn scrub report");
                }
            });
    }

    private static string? State(JsonElement status) => status.GetProperty("state").GetString();

    private static string? End(JsonElement status) => status.TryGetProperty("last", out JsonElement last) && last.TryGetProperty("finished", out JsonElement finished) ? finished.GetString() : null;
}

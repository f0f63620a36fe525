using System.CommandLine;

namespace Tarn.Server.Cli.Scrubbing;

/// <summary><c>tarn scrub status</c>, <c>start</c>, <c>pause</c> and <c>resume</c>, which all show the state.</summary>
internal static class ScrubOrderCommands
{
    public static Command Status(ControlCli cli) => Create(cli, "status", "Show what scrubbing does, and the last pass.", HttpMethod.Get, "/api/scrub");

    public static Command Start(ControlCli cli) => Create(cli, "start", "Begin a pass now, or go on with a paused one.", HttpMethod.Post, "/api/scrub/start");

    public static Command Pause(ControlCli cli) =>
        Create(cli, "pause", "Interrupt the pass, and begin no other; this outlasts restarts of the server.", HttpMethod.Post, "/api/scrub/pause");

    public static Command Resume(ControlCli cli) => Create(cli, "resume", "End a pause: an interrupted pass goes on where it was.", HttpMethod.Post, "/api/scrub/resume");

    private static Command Create(ControlCli cli, string name, string description, HttpMethod method, string path) => cli.Verb(
        name,
        description,
        [],
        async (_, client, output, cancellationToken) => output.Show(await client.SendAsync(method, path, cancellationToken), ScrubText.Status));
}

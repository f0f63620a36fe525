using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Scrubbing;

/// <summary><c>tarn scrub orphans</c>.</summary>
internal static class OrphanCommands
{
    public static Command Create(ControlCli cli, TimeProvider time) => new("orphans", "Blobs that nothing refers to, which scrubbing has set aside.")
    {
        List(cli),
        Restore(cli),
        Drop(cli, time),
    };

    private static Command List(ControlCli cli) => cli.Verb(
        "list",
        "List them, with what each says of itself.",
        [],
        async (_, client, output, cancellationToken) => output.List(
            await client.ListAsync("/api/scrub/orphans", "orphans", cancellationToken),
            "id", "size", "since", "bucket", "key", "uploadId", "partNumber", "written"));

    private static Command Restore(ControlCli cli)
    {
        Argument<string> id = ControlCli.Argument("ID", "The blob's id, as listed.");
        return cli.Verb(
            "restore",
            "Put one back in its place.",
            [id],
            async (parsed, client, output, cancellationToken) =>
            {
                string blob = parsed.GetRequiredValue(id);
                await client.SendAsync(HttpMethod.Post, ControlClient.Path("api", "scrub", "orphans", blob, "restore"), cancellationToken);
                output.Done("restored", blob);
            });
    }

    private static Command Drop(ControlCli cli, TimeProvider time)
    {
        var id = new Argument<string?>("ID") { Description = "The blob's id, as listed.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> all = new("--all") { Description = "Remove all, and from now on those whose retention is over." };
        return cli.Verb(
            "drop",
            "Remove one of them, or all, for good. The server goes on when the command is interrupted.",
            [id, all],
            async (parsed, client, output, cancellationToken) =>
            {
                string? blob = parsed.GetValue(id);
                if (blob is null != parsed.GetValue(all))
                {
                    throw new CliException("either ID or --all is needed");
                }

                string path = blob is null ? "/api/scrub/orphans" : ControlClient.Path("api", "scrub", "orphans", blob);
                JsonElement drop = await client.SendAsync(HttpMethod.Delete, path, cancellationToken);
                drop = await Waiting.UntilAsync(
                    parsed,
                    drop,
                    static state => Text(state, "state") != "running",
                    async () =>
                    {
                        JsonElement now = await client.SendAsync(HttpMethod.Get, "/api/scrub/orphans/drop", cancellationToken);
                        return Text(now, "id") == blob ? now : throw new CliException("another removal was begun meanwhile: list what is left");
                    },
                    static state => ScrubText.Drop(state).TrimEnd('\n'),
                    time,
                    cancellationToken);
                output.Show(drop, ScrubText.Drop);
                if (Text(drop, "error") is { } error)
                {
                    throw new CliException(error);
                }

                if (blob is not null && drop.GetProperty("broughtBack").GetInt64() > 0)
                {
                    throw new CliException("an object needs it: it was put back in its place");
                }
            });
    }

    private static string? Text(JsonElement drop, string name) => drop.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}

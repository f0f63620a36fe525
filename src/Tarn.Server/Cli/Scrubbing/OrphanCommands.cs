using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Scrubbing;

/// <summary><c>tarn scrub orphans</c>.</summary>
internal static class OrphanCommands
{
    public static Command Create(ControlCli cli) => new("orphans", "Blobs that nothing refers to, which scrubbing has set aside.")
    {
        List(cli),
        Restore(cli),
        Drop(cli),
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

    private static Command Drop(ControlCli cli)
    {
        var id = new Argument<string?>("ID") { Description = "The blob's id, as listed.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> all = new("--all") { Description = "Remove all, and from now on those whose retention is over." };
        return cli.Verb(
            "drop",
            "Remove one of them, or all, for good.",
            [id, all],
            async (parsed, client, output, cancellationToken) =>
            {
                string? blob = parsed.GetValue(id);
                if (blob is null != parsed.GetValue(all))
                {
                    throw new CliException("either ID or --all is needed");
                }

                if (blob is not null)
                {
                    await client.SendAsync(HttpMethod.Delete, ControlClient.Path("api", "scrub", "orphans", blob), cancellationToken);
                    output.Done("dropped", blob);
                    return;
                }

                JsonElement dropped = await client.SendAsync(HttpMethod.Delete, "/api/scrub/orphans", cancellationToken);
                output.Show(dropped);
            });
    }
}

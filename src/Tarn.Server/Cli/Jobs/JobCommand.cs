using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Jobs;

/// <summary><c>tarn job</c>.</summary>
internal static class JobCommand
{
    /// <param name="cli">What commands share.</param>
    /// <param name="time">The clock.</param>
    public static Command Create(ControlCli cli, TimeProvider time) => cli.Group(
        "job",
        "Work of the server on many keys: delete, copy, rename, tag, restore.",
        JobStartCommand.Create(cli, time),
        List(cli),
        Show(cli, time),
        Cancel(cli));

    private static Command List(ControlCli cli)
    {
        Option<string?> organization = ControlCli.Organization();
        return cli.Verb(
            "list",
            "List jobs, the newest first.",
            [organization],
            async (parsed, client, output, cancellationToken) => output.List(
                await client.ListAsync(ControlClient.Query("/api/jobs", ("organization", parsed.GetValue(organization))), "jobs", cancellationToken),
                "id", "kind", "bucket", "prefix", "state", "created", "done", "failed", "skipped", "dryRun"));
    }

    private static Command Show(ControlCli cli, TimeProvider time)
    {
        Argument<string> id = ControlCli.Argument("ID", "The job.");
        Option<bool> wait = new("--wait") { Description = "Wait until it has ended; the exit code is then that of start." };
        return cli.Verb(
            "show",
            "Show a job, with the keys that failed.",
            [id, wait],
            async (parsed, client, output, cancellationToken) =>
            {
                JsonElement job = await client.SendAsync(HttpMethod.Get, ControlClient.Path("api", "jobs", parsed.GetRequiredValue(id)), cancellationToken);
                if (parsed.GetValue(wait))
                {
                    await JobWait.RunAsync(parsed, client, output, job, isDetached: false, time, cancellationToken);
                    return;
                }

                output.Show(job, JobText.Of);
            });
    }

    private static Command Cancel(ControlCli cli)
    {
        Argument<string> id = ControlCli.Argument("ID", "The job.");
        return cli.Verb(
            "cancel",
            "End a job once the keys that it works on are done; what it has done stays.",
            [id],
            async (parsed, client, output, cancellationToken) =>
            {
                JsonElement job = await client.SendAsync(HttpMethod.Delete, ControlClient.Path("api", "jobs", parsed.GetRequiredValue(id)), cancellationToken);
                output.Show(job, JobText.Of);
            });
    }
}

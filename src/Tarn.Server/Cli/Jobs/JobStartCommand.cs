using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Jobs;

/// <summary><c>tarn job start</c>.</summary>
internal static class JobStartCommand
{
    public static Command Create(ControlCli cli, TimeProvider time)
    {
        Argument<string> kind = ControlCli.Argument("KIND", "delete, empty, copy, rename, tag or restore.");
        kind.CompletionSources.Add("delete", "empty", "copy", "rename", "tag", "restore");
        Argument<string> bucket = ControlCli.Argument("BUCKET", "The bucket.");
        Option<string?> prefix = ControlCli.Text("--prefix", "PREFIX", "The keys that begin with it; delete needs one, empty has none.");
        Option<string?> versions = ControlCli.Text("--versions", "markers|all", "In a bucket that keeps versions: hide each object behind a delete marker, or delete every version permanently.");
        Option<string?> toBucket = ControlCli.Text("--to-bucket", "BUCKET", "The bucket that gets the copies; by default the same.");
        Option<string?> toPrefix = ControlCli.Text("--to-prefix", "PREFIX", "Replaces the prefix in the keys of the copies.");
        Option<bool> overwrite = new("--overwrite") { Description = "Replace objects that are at the destination; otherwise their keys fail." };
        Option<string[]> tags = new("--tag") { Description = "A tag to set.", HelpName = "KEY=VALUE", Arity = ArgumentArity.OneOrMore };
        Option<bool> noTags = new("--no-tags") { Description = "Remove all tags." };
        Option<bool> merge = new("--merge") { Description = "Keep an object's other tags." };
        Option<string?> at = ControlCli.Text("--at", "TIME", "Restore the version that was the newest then, like 2026-01-31T12:00:00Z; by default the one that delete markers hide.");
        Option<string?> token = ControlCli.Text("--token", "TOKEN", "What to call the job: the command given again with the same starts no second one.");
        Option<bool> dryRun = new("--dry-run") { Description = "Change nothing; count what would be done or denied." };
        Option<bool> detach = new("--detach") { Description = "Start the job and do not wait for it." };
        return cli.Verb(
            "start",
            "Work on many keys in the server, and wait for the end; the job goes on when the command is interrupted.",
            [kind, bucket, prefix, versions, toBucket, toPrefix, overwrite, tags, noTags, merge, at, token, dryRun, detach],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new JobBody
                {
                    Kind = parsed.GetRequiredValue(kind),
                    Bucket = parsed.GetRequiredValue(bucket),
                    Prefix = parsed.GetValue(prefix),
                    Versions = parsed.GetValue(versions),
                    ToBucket = parsed.GetValue(toBucket),
                    ToPrefix = parsed.GetValue(toPrefix),
                    Overwrite = parsed.GetValue(overwrite),
                    Tags = Tags(parsed.GetValue(tags) ?? [], parsed.GetValue(noTags)),
                    Merge = parsed.GetValue(merge),
                    At = Time(parsed.GetValue(at)),
                    DryRun = parsed.GetValue(dryRun),
                    RequestToken = parsed.GetValue(token),
                };
                JsonElement job = await client.SendAsync(HttpMethod.Post, "/api/jobs", body, ControlJson.Default.JobBody, cancellationToken);
                await JobWait.RunAsync(parsed, client, output, job, parsed.GetValue(detach), time, cancellationToken);
            });
    }

    private static Dictionary<string, string>? Tags(string[] given, bool none)
    {
        if (given.Length == 0)
        {
            return none ? [] : null;
        }

        if (none)
        {
            throw new CliException("--tag and --no-tags exclude each other");
        }

        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string tag in given)
        {
            int at = tag.IndexOf('=', StringComparison.Ordinal);
            if (at < 0 || !tags.TryAdd(tag[..at], tag[(at + 1)..]))
            {
                throw new CliException(at < 0 ? $"--tag '{tag}' is not like KEY=VALUE" : $"--tag '{tag[..at]}' is given twice");
            }
        }

        return tags;
    }

    private static DateTimeOffset? Time(string? text) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time
        : throw new CliException($"--at '{text}' is not a time like 2026-01-31T12:00:00Z");
}

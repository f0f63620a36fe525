using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Accelerators;

/// <summary><c>tarn accelerator clear</c> and <c>tarn accelerator clears</c>.</summary>
internal static class AcceleratorClearCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> bucket = ControlCli.Text("--bucket", "BUCKET", "Only what belongs to objects of this bucket.");
        var bucketId = new Option<ulong?>("--bucket-id") { Description = "The same by the bucket's id, as 'bucket show' has it: of one that was deleted, too.", HelpName = "ID" };
        Option<string?> name = ControlCli.Text("--name", "NAME", "Only the accelerators of this name.");
        return cli.Verb(
            "clear",
            "Have accelerators remove what they have cached, within seconds, or when they come back within a week.",
            [bucket, bucketId, name],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new AcceleratorClearBody { Bucket = parsed.GetValue(bucket), BucketId = parsed.GetValue(bucketId), Name = parsed.GetValue(name) };
                JsonElement told = await client.SendAsync(HttpMethod.Post, "/api/accelerators/clears", body, ControlJson.Default.AcceleratorClearBody, cancellationToken);
                output.Show(told);
            });
    }

    public static Command List(ControlCli cli) => cli.Verb(
        "clears",
        "List what accelerators were told to remove, and which of them have not done it yet.",
        [],
        async (parsed, client, output, cancellationToken) => output.List(
            await client.ListAsync("/api/accelerators/clears", "clears", cancellationToken), "createdAt", "bucket", "bucketId", "name", "accelerators", "waiting", "until", "id"));
}

using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Accelerators;

/// <summary><c>tarn accelerator clear</c>.</summary>
internal static class AcceleratorClearCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> bucket = ControlCli.Text("--bucket", "BUCKET", "Only what belongs to objects of this bucket.");
        Option<string?> name = ControlCli.Text("--name", "NAME", "Only the accelerators of this name.");
        return cli.Verb(
            "clear",
            "Have accelerators remove what they have cached, within seconds.",
            [bucket, name],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new AcceleratorClearBody { Bucket = parsed.GetValue(bucket), Name = parsed.GetValue(name) };
                JsonElement told = await client.SendAsync(HttpMethod.Post, "/api/accelerators/clears", body, ControlJson.Default.AcceleratorClearBody, cancellationToken);
                output.Show(told);
            });
    }
}

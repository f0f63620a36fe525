using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Tarn.Server.Cli.Buckets;

/// <summary><c>tarn bucket recount</c>.</summary>
internal static class BucketRecountCommand
{
    public static Command Create(ControlCli cli, TimeProvider time)
    {
        Option<bool> wait = new("--wait") { Description = "Wait until everything is counted." };
        return cli.Verb(
            "recount",
            "Have what all buckets hold counted anew, where a check found the counts to be wrong.",
            [wait],
            async (parsed, client, output, cancellationToken) =>
            {
                await client.SendAsync(HttpMethod.Post, "/api/buckets/recount", cancellationToken);
                if (!parsed.GetValue(wait))
                {
                    output.Done("recounting", "all buckets");
                    return;
                }

                Task<JsonElement> Ask() => client.SendAsync(HttpMethod.Get, "/api/status", cancellationToken);
                await Waiting.UntilAsync(parsed, await Ask(), IsExact, Ask, Progress, time, cancellationToken);
                output.Done("recounted", "all buckets");
            });
    }

    // Without counts, which the status may have to do without, nothing is known yet.
    private static bool IsExact(JsonElement status) => status.TryGetProperty("held", out JsonElement held) && held.GetProperty("isExact").GetBoolean();

    private static string Progress(JsonElement status) => status.TryGetProperty("held", out JsonElement held)
        ? string.Create(CultureInfo.InvariantCulture, $"counting: {held.GetProperty("objects").GetInt64():N0} objects so far in {held.GetProperty("buckets").GetInt64():N0} buckets")
        : "counting";
}

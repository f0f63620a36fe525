using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Tarn.Server.Cli.Mirrors;

/// <summary><c>tarn mirror status</c>.</summary>
internal static class MirrorStatusCommand
{
    /// <summary>A side has so many directories of blobs.</summary>
    private const int Directories = 256;

    public static Command Create(ControlCli cli, TimeProvider time)
    {
        Option<bool> wait = new("--wait") { Description = "Wait while a side is being filled; the exit code is 1 if one is then not whole." };
        return cli.Verb(
            "status",
            "Show the state of both sides, and how far one is filled.",
            [wait],
            async (parsed, client, output, cancellationToken) =>
            {
                bool waits = parsed.GetValue(wait);
                Task<List<JsonElement>> Ask() => client.ListAsync("/api/mirror", "sides", cancellationToken);
                List<JsonElement> sides = await Waiting.UntilAsync(
                    parsed, await Ask(), now => !waits || !now.Exists(static side => State(side) == "filling"), Ask, Progress, time, cancellationToken);
                output.List(sides, "state", "directory", "rowsCompared", "directoriesCompared", "bytesCopied", "cause");
                if (waits && sides.Exists(static side => State(side) != "whole"))
                {
                    throw new CliException("a side of the mirror is not whole");
                }
            });
    }

    private static string Progress(List<JsonElement> sides) => sides.Find(static side => State(side) == "filling") is { ValueKind: JsonValueKind.Object } side
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{TerminalLine.Part(Number(side, "directoriesCompared"), Directories, static count => count.ToString(CultureInfo.InvariantCulture))} directories, {Number(side, "rowsCompared"):N0} rows, {HumanBytes.Of(Number(side, "bytesCopied"))} copied")
        : "";

    private static string? State(JsonElement side) => side.GetProperty("state").GetString();

    private static long Number(JsonElement side, string name) => side.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : 0;
}

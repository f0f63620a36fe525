using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Tarn.Core;
using Tarn.Core.Model;
using Tarn.Server.Cli.Buckets.Settings;

namespace Tarn.Server.Cli.Buckets;

/// <summary><c>tarn bucket export</c>: the settings of a bucket as a file.</summary>
internal static class BucketExportCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> bucket = ControlCli.Argument("BUCKET", "The bucket.");
        Option<string?> directory = ControlCli.Text("--dir", "DIR", "The directory that gets the file, BUCKET.json; - or nothing: standard output.");
        return cli.S3Verb(
            "export",
            "Print all settings of a bucket and its policy as a file for git.",
            [bucket, directory],
            async (parsed, client, output, cancellationToken) =>
            {
                string name = ParseName(parsed.GetRequiredValue(bucket)).Value;
                BucketState state = await BucketState.ReadAsync(client, name, null, cancellationToken) ?? throw new CliException($"there is no bucket '{name}'");
                string text = SettingFile.Write(state.Settings);
                if (parsed.GetValue(directory) is not { } place || place == "-")
                {
                    await parsed.InvocationConfiguration.Output.WriteAsync(text);
                    return;
                }

                string file = Path.Combine(place, name + ".json");
                await WriteAsync(file, text, cancellationToken);
                output.Show(new JsonObject { ["exported"] = name, ["file"] = file, ["s3"] = client.Endpoint }, () => $"exported {file} from {client.Endpoint}\n");
            });
    }

    /// <exception cref="CliException">The text is not the name of a bucket.</exception>
    public static BucketName ParseName(string text) => BucketName.TryParse(text, out BucketName name) ? name : throw new CliException($"'{text}' is not the name of a bucket");

    /// <summary>Replaces a file as a whole.</summary>
    private static async Task WriteAsync(string file, string text, CancellationToken cancellationToken)
    {
        string? part = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);

            // A name that nobody else has, and never through a link that is there.
            byte[] chosen = new byte[16];
            SystemRandomSource.Instance.Fill(chosen);
            string made = $"{file}.{Convert.ToHexStringLower(chosen)}.new";
            await using (var stream = new FileStream(made, FileMode.CreateNew, FileAccess.Write))
            {
                part = made;
                await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            }

            File.Move(made, file, overwrite: true);
            part = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{file} cannot be written: {e.Message}", e);
        }
        finally
        {
            if (part is not null)
            {
                File.Delete(part);
            }
        }
    }
}

using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Keys;

/// <summary><c>tarn key rotate</c>.</summary>
internal static class KeyRotateCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> id = ControlCli.Argument("ID", "The access key.");
        Option<string?> secret = ControlCli.Text("--secret-key", "SECRET", "The secret key, instead of a generated one.");
        return cli.Verb(
            "rotate",
            "Give an access key a new secret, shown only once; the old one stops working at once.",
            [id, secret],
            async (parsed, client, output, cancellationToken) =>
            {
                JsonElement rotated = await client.SendAsync(
                    HttpMethod.Post,
                    ControlClient.Path("api", "keys", parsed.GetRequiredValue(id), "rotate"),
                    new RotationBody { SecretKey = parsed.GetValue(secret) },
                    ControlJson.Default.RotationBody,
                    cancellationToken);
                output.Show(rotated);
            });
    }
}

using System.CommandLine;

namespace Tarn.Server.Cli.Keys;

/// <summary><c>tarn key show</c>.</summary>
internal static class KeyShowCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> id = ControlCli.Argument("ID", "The access key.");
        return cli.Verb(
            "show",
            "Show an access key without its secret.",
            [id],
            async (parsed, client, output, cancellationToken) =>
            {
                output.Show(await client.SendAsync(HttpMethod.Get, ControlClient.Path("api", "keys", parsed.GetRequiredValue(id)), cancellationToken));
            });
    }
}

using System.CommandLine;

namespace Tarn.Server.Cli.Organizations;

/// <summary><c>tarn org show</c>.</summary>
internal static class OrgShowCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "Its name.");
        return cli.Verb(
            "show",
            "Show an organization.",
            [name],
            async (parsed, client, output, cancellationToken) =>
            {
                output.Show(await client.SendAsync(
                    HttpMethod.Get, ControlClient.Path("api", "organizations", parsed.GetRequiredValue(name)), cancellationToken));
            });
    }
}

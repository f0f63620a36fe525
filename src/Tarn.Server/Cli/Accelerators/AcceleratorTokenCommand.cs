using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Accelerators;

/// <summary><c>tarn accelerator token</c>.</summary>
internal static class AcceleratorTokenCommand
{
    public static Command Create(ControlCli cli) => new("token", "Tokens with which accelerators reach the server.")
    {
        CreateToken(cli),
        List(cli),
        Revoke(cli),
    };

    private static Command CreateToken(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The token's name, such as that of the machine.");
        Option<string?> zone = ControlCli.Text("--zone", "ZONE", "The only zone that its accelerator may be in; 'default' by default.");
        var networks = new Option<string[]>("--network") { Description = "An address, or a network in CIDR notation, of clients for which its accelerator may speak; repeatable. All by default.", HelpName = "NETWORK" };
        var organizations = new Option<string[]>("--organization")
        {
            Description = "An organization for which it may speak; repeatable, needs a --zone of its own. All by default, and anonymous requests.",
            HelpName = "ORG",
        };
        var domains = new Option<string[]>("--domain")
        {
            Description = "A domain under which its accelerator's clients may name buckets, in lower case; repeatable. Any by default.",
            HelpName = "DOMAIN",
        };
        return cli.Verb(
            "create",
            "Create a token; it is shown only once.",
            [name, zone, networks, organizations, domains],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new AcceleratorTokenBody
                {
                    Name = parsed.GetRequiredValue(name),
                    Zone = parsed.GetValue(zone),
                    Networks = parsed.GetValue(networks) is { Length: > 0 } given ? given : null,
                    Organizations = parsed.GetValue(organizations) is { Length: > 0 } limited ? limited : null,
                    Domains = parsed.GetValue(domains) is { Length: > 0 } named ? named : null,
                };
                JsonElement made = await client.SendAsync(HttpMethod.Post, "/api/accelerators/tokens", body, ControlJson.Default.AcceleratorTokenBody, cancellationToken);
                output.Show(made);
            });
    }

    private static Command List(ControlCli cli) => cli.Verb(
        "list",
        "List the tokens of accelerators.",
        [],
        async (parsed, client, output, cancellationToken) => output.List(
            await client.ListAsync("/api/accelerators/tokens", "tokens", cancellationToken), "name", "zone", "networks", "organizations", "domains", "tokenSuffix", "createdAt", "id"));

    private static Command Revoke(ControlCli cli)
    {
        Argument<string> id = ControlCli.Argument("ID", "The token's id, as listed.");
        return cli.Verb(
            "revoke",
            "Revoke a token: its accelerators are refused from their next request on.",
            [id],
            async (parsed, client, output, cancellationToken) =>
            {
                string token = parsed.GetRequiredValue(id);
                await client.SendAsync(HttpMethod.Delete, ControlClient.Path("api", "accelerators", "tokens", token), cancellationToken);
                output.Done("revoked", token);
            });
    }
}

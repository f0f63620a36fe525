using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Issuers;

/// <summary><c>tarn issuer</c>.</summary>
internal static class IssuerCommand
{
    public static Command Create(ControlCli cli) => cli.Group(
        "issuer", "Issuers of OpenID Connect tokens that an organization trusts.", CreateIssuer(cli), Update(cli), List(cli), Delete(cli));

    private static Command CreateIssuer(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The issuer's name, unique in the organization.");
        Option<string?> org = ControlCli.Organization();
        Option<string> url = ControlCli.RequiredText("--url", "URL", "Its URL, exactly as the claim iss of its tokens.");
        var audiences = new Option<string[]>("--audience") { Description = "A value of the claim aud of which a token must have one; repeatable.", HelpName = "TEXT", Required = true };
        Option<string?> jwks = ControlCli.Text("--jwks-url", "URL", "Where its keys are; otherwise its discovery document says.");
        var hosts = new Option<string[]>("--host") { Description = "A host that the discovery document may name besides the issuer's own; repeatable.", HelpName = "HOST" };
        var subjects = new Option<string[]>("--subject")
        {
            Description = "What the claim sub of tokens may be that are exchanged for credentials of their own subject, with * and ? as wildcards; repeatable. Without it, tokens only assume roles.",
            HelpName = "PATTERN",
        };
        Option<string?> conditions = ControlCli.Text("--conditions", "FILE", "Conditions on claims, as JSON, instead of --subject; - for standard input.");
        var any = new Option<bool>("--any-subject") { Description = "Exchange tokens of all subjects: only where all of them belong to the organization." };
        var console = new ConsoleOptions();
        return cli.Verb(
            "create",
            "Let an organization trust an issuer.",
            [name, org, url, audiences, jwks, hosts, subjects, conditions, any, .. console.All],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new IssuerBody
                {
                    Name = parsed.GetRequiredValue(name),
                    Organization = parsed.GetValue(org),
                    Url = parsed.GetRequiredValue(url),
                    Audiences = parsed.GetRequiredValue(audiences),
                    JwksUrl = parsed.GetValue(jwks),
                    Hosts = parsed.GetValue(hosts) ?? [],
                    Conditions = await ClaimsFile.ReadAsync(parsed.GetValue(subjects) ?? [], parsed.GetValue(conditions), cancellationToken),
                    AnySubject = parsed.GetValue(any),
                    Console = await console.ReadAsync(parsed, cancellationToken),
                };
                JsonElement made = await client.SendAsync(
                    HttpMethod.Post, ControlClient.Path("api", "issuers"), body, ControlJson.Default.IssuerBody, cancellationToken);
                output.Show(made);
            });
    }

    private static Command Update(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The issuer's name.");
        Option<string?> org = ControlCli.Organization();
        var console = new ConsoleOptions();
        var none = new Option<bool>("--no-console") { Description = "Let nobody sign in to the console with it any more." };
        return cli.Verb(
            "update",
            "Change how people sign in to the console with an issuer.",
            [name, org, .. console.All, none],
            async (parsed, client, output, cancellationToken) =>
            {
                IssuerConsoleBody? body = await console.ReadAsync(parsed, cancellationToken);
                string path = ControlClient.Query(ControlClient.Path("api", "issuers", parsed.GetRequiredValue(name), "console"), ("organization", parsed.GetValue(org)));
                output.Show((body, parsed.GetValue(none)) switch
                {
                    ({ } wanted, false) => await client.SendAsync(HttpMethod.Put, path, wanted, ControlJson.Default.IssuerConsoleBody, cancellationToken),
                    (null, true) => await client.SendAsync(HttpMethod.Delete, path, cancellationToken),
                    _ => throw new CliException("give either --client-id or --no-console"),
                });
            });
    }

    private static Command List(ControlCli cli)
    {
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "list",
            "List the issuers that an organization trusts.",
            [org],
            async (parsed, client, output, cancellationToken) =>
            {
                string path = ControlClient.Query(ControlClient.Path("api", "issuers"), ("organization", parsed.GetValue(org)));
                output.List(await client.ListAsync(path, "issuers", cancellationToken), "name", "url", "audiences", "created");
            });
    }

    private static Command Delete(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The issuer's name.");
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "delete",
            "Delete an issuer; credentials that were issued for its tokens end at once.",
            [name, org],
            async (parsed, client, output, cancellationToken) =>
            {
                string issuer = parsed.GetRequiredValue(name);
                await client.SendAsync(
                    HttpMethod.Delete, ControlClient.Query(ControlClient.Path("api", "issuers", issuer), ("organization", parsed.GetValue(org))), cancellationToken);
                output.Done("deleted", issuer);
            });
    }
}

using System.CommandLine;
using System.Text;
using Tarn.Server.Cli.Policies;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Issuers;

/// <summary>The options that say how the console signs people in with an issuer.</summary>
internal sealed class ConsoleOptions
{
    private readonly Option<string?> _client = ControlCli.Text("--client-id", "ID", "Let people sign in to the console with it, as this client of it; its redirect URI is CONSOLE/api/session/oidc/ORGANIZATION/ISSUER/callback.");
    private readonly Option<string?> _secret = ControlCli.Text("--client-secret-file", "FILE", "A file with the client's secret; - for standard input. An empty one removes it.");
    private readonly Option<string?> _title = ControlCli.Text("--title", "TEXT", "What people read where they sign in; by default the issuer's name.");
    private readonly Option<string[]> _scopes = new("--scope") { Description = "What is asked for, with openid; repeatable. By default openid, profile and email.", HelpName = "SCOPE" };
    private readonly Option<string?> _role = ControlCli.Text("--role", "NAME", "The role that sign-ins assume; by default the first one, by name, that the token may assume.");

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_client, _secret, _title, _scopes, _role];

    /// <summary>What they say; null if none is given.</summary>
    /// <exception cref="CliException">There is no client id; the file cannot be read.</exception>
    public async Task<IssuerConsoleBody?> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_client) is not { } client)
        {
            return All.Any(option => parsed.GetResult(option) is not null) ? throw new CliException("what the console signs people in with needs --client-id") : null;
        }

        return new IssuerConsoleBody
        {
            ClientId = client,
            ClientSecret = parsed.GetValue(_secret) is { } file ? Encoding.UTF8.GetString(await PolicyFile.ReadAsync(file, cancellationToken)).ReplaceLineEndings("\n").TrimEnd('\n') : null,
            Title = parsed.GetValue(_title),
            Scopes = parsed.GetValue(_scopes) is { Length: > 0 } scopes ? scopes : null,
            Role = parsed.GetValue(_role),
        };
    }
}

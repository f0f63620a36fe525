using System.CommandLine;

namespace Tarn.Server.Cli;

/// <summary>The action of one command.</summary>
internal delegate Task ControlAction(ParseResult parsed, ControlClient client, CliOutput output, CancellationToken cancellationToken);

/// <summary>What all commands that talk to a server share: its address, the credentials and the output format.</summary>
/// <param name="variable">Reads an environment variable.</param>
/// <param name="time">The clock for signatures.</param>
internal sealed class ControlCli(Func<string, string?> variable, TimeProvider time)
{
    private const string DefaultEndpoint = "http://127.0.0.1:9001";

    private static readonly string[] RegionVariables = ["AWS_REGION", "AWS_DEFAULT_REGION"];

    private readonly Option<string?> _endpoint = new("--endpoint")
    {
        Description = $"The control address of the server; TARN_ENDPOINT, or else {DefaultEndpoint}.",
        HelpName = "URL",
        Recursive = true,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document.", Recursive = true };

    /// <summary>Creates a noun: a group of commands.</summary>
    public Command Group(string name, string description, params ReadOnlySpan<Command> commands)
    {
        var group = new Command(name, description);
        group.Options.Add(_endpoint);
        group.Options.Add(_json);
        foreach (Command command in commands)
        {
            group.Subcommands.Add(command);
        }

        return group;
    }

    /// <summary>Creates a verb: a command that does something.</summary>
    public Command Verb(string name, string description, IEnumerable<Symbol> symbols, ControlAction action)
    {
        Command command = Create(name, description, symbols);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = new ControlClient(Endpoint(parsed.GetValue(_endpoint)), ClientCredentials.From(variable), time);
            await action(parsed, client, Output(parsed), cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Creates a verb that does what S3 has requests for, with an access key.</summary>
    public Command S3Verb(string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, S3Client, CliOutput, CancellationToken, Task> action)
    {
        Option<string?> s3 = Text("--s3-endpoint", "URL", "The URL of S3. Without it what the server of --endpoint says, which only its root user may ask; or AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL; or else what the server says.");
        return S3Verb(
            name,
            description,
            symbols.Append(s3),
            (parsed, key, cancellationToken) => S3Endpoint.FindAsync(
                parsed.GetValue(s3), variable, Endpoint(parsed.GetValue(_endpoint)), parsed.GetValue(_endpoint) is not null, control => new ControlClient(control, key, time), cancellationToken),
            action);
    }

    /// <summary>Creates a verb that sends requests of S3 to an accelerator, with an access key.</summary>
    public Command AcceleratorVerb(string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, S3Client, CliOutput, CancellationToken, Task> action)
    {
        Option<string?> s3 = Text("--s3-endpoint", "URL", "The URL of the accelerator; AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL without it.");
        return S3Verb(
            name,
            description,
            symbols.Append(s3),
            (parsed, _, _) => parsed.GetValue(_endpoint) is not null
                ? throw new CliException("--endpoint names a server's control address, which an accelerator has not: name the accelerator with --s3-endpoint")
                : Task.FromResult(S3Endpoint.Given(parsed.GetValue(s3), variable) ?? throw new CliException("name the URL of the accelerator with --s3-endpoint or AWS_ENDPOINT_URL")),
            action);
    }

    private Command S3Verb(
        string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, ClientCredentials, CancellationToken, Task<Uri>> find, Func<ParseResult, S3Client, CliOutput, CancellationToken, Task> action)
    {
        Command command = Create(name, description, symbols);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ClientCredentials key = ClientCredentials.KeyFrom(variable)
                ?? throw new CliException("no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; requests to S3 are signed, which a token cannot do");
            Uri url = await find(parsed, key, cancellationToken);
            string region = Array.ConvertAll(RegionVariables, name => variable(name)).FirstOrDefault(static value => !string.IsNullOrEmpty(value)) ?? "us-east-1";
            using var client = new S3Client(url, key, region, time);
            await action(parsed, client, Output(parsed), cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Creates a command that belongs to no noun.</summary>
    public Command Single(string name, string description, IEnumerable<Symbol> symbols, ControlAction action)
    {
        Command command = Verb(name, description, symbols, action);
        command.Options.Add(_endpoint);
        command.Options.Add(_json);
        return command;
    }

    /// <summary>Creates a verb that needs no server; its client is null unless a server was named.</summary>
    public Command Offline(
        string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, ControlClient?, CliOutput, CancellationToken, Task> action)
    {
        Command command = Create(name, description, symbols);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            bool named = parsed.GetValue(_endpoint) is not null || !string.IsNullOrEmpty(variable("TARN_ENDPOINT"));

            // The variable may be set for other commands: without credentials it is ignored here.
            bool asks = parsed.GetValue(_endpoint) is not null || (named && ClientCredentials.AreIn(variable));
            using ControlClient? client = asks
                ? new ControlClient(Endpoint(parsed.GetValue(_endpoint)), ClientCredentials.From(variable), time)
                : null;
            await action(parsed, client, Output(parsed), cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    public static Argument<string> Argument(string name, string description) => new(name) { Description = description };

    public static Option<string?> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };

    /// <summary>The option that names an organization.</summary>
    public static Option<string?> Organization() => Text("--org", "ORG", "The organization; yours by default.");

    public static Option<string> RequiredText(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value, Required = true };

    private CliOutput Output(ParseResult parsed) => new(parsed.InvocationConfiguration.Output, parsed.GetValue(_json));

    private static Command Create(string name, string description, IEnumerable<Symbol> symbols)
    {
        var command = new Command(name, description);
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)symbol);
            }
        }

        return command;
    }

    /// <summary>Reads a control address: a scheme and an authority.</summary>
    /// <param name="label">Where it was given, for the message.</param>
    /// <param name="text">The address.</param>
    /// <exception cref="CliException">It is something else.</exception>
    public static Uri ParseEndpoint(string label, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? endpoint) && (endpoint.Scheme == Uri.UriSchemeHttp || endpoint.Scheme == Uri.UriSchemeHttps) && endpoint.PathAndQuery == "/"
            ? endpoint
            : throw new CliException($"{label}: '{text}' is not like {DefaultEndpoint}");

    private Uri Endpoint(string? flag)
    {
        string? environment = variable("TARN_ENDPOINT");
        string text = flag ?? (string.IsNullOrEmpty(environment) ? DefaultEndpoint : environment);
        return ParseEndpoint(flag is null ? "TARN_ENDPOINT" : "--endpoint", text);
    }
}

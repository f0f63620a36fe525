using System.CommandLine;
using System.Globalization;
using Tarn.Server.Cli.Doctor.Accelerators;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Cli.Status;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor;

/// <summary><c>tarn doctor</c>: looks at everything on which a server depends, beside a running one or without, and says what to do. It changes nothing.</summary>
internal static class DoctorCommand
{
    /// <summary>For one check.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <param name="variables">The environment, with the server's settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="proc">What the kernel tells.</param>
    /// <param name="checks">What is looked at.</param>
    public static Command Create(IReadOnlyDictionary<string, string> variables, TimeProvider time, ProcFiles proc, IReadOnlyList<ICheck> checks)
    {
        Option<string?> url = ControlCli.Text("--url", "URL", "The URL by which clients reach the S3 endpoint, to ask what is between: https://s3.example.com.");
        Option<bool> json = new("--json") { Description = "Print one JSON document.", Recursive = true };
        var command = new Command("doctor", "Look at all that a server depends on, and say what to do. Nothing is changed, and a server may run. The settings are the server's: its flags, here or of the one that runs, the environment and the configuration file.") { url, json };
        var flags = new ServerFlags(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Examined examined = Examine(setting => flags.Find(parsed, setting), variables, proc) with
            {
                Time = time,
                Public = parsed.GetValue(url) is { } given ? PublicUrl(given) : null,
            };
            return await RunAsync(parsed, json, checks, examined, time, cancellationToken);
        });
        command.Subcommands.Add(CreateOfAccelerator(variables, time, proc, json));
        return command;
    }

    /// <summary><c>tarn doctor accelerator</c>.</summary>
    private static Command CreateOfAccelerator(IReadOnlyDictionary<string, string> variables, TimeProvider time, ProcFiles proc, Option<bool> json)
    {
        var command = new Command("accelerator", "Look at all that an accelerator depends on. Nothing is changed, and it may run. The settings are its flags, the environment and the configuration file.");
        var flags = new ServerFlags(command, AcceleratorSettings.All);
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed, json, AcceleratorChecks.Create(), ExaminedAccelerator.From(setting => flags.Find(parsed, setting), variables) with { Proc = proc, Time = time }, time, cancellationToken));
        return command;
    }

    /// <summary>Runs checks, and reports.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync<T>(ParseResult parsed, Option<bool> json, IReadOnlyList<ICheck<T>> checks, T examined, TimeProvider time, CancellationToken cancellationToken)
    {
        var report = new DoctorReport(parsed.InvocationConfiguration.Output, parsed.GetValue(json), checks.Max(static check => check.Name.Length));
        foreach (ICheck<T> check in checks)
        {
            foreach (Finding finding in await RunAsync(check, examined, time, cancellationToken))
            {
                report.Add(check.Name, finding);
            }
        }

        report.End();
        return report.Problems > 0 ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>Runs a check. One that fails or does not end, as on a network file system whose server is away, is a finding too: the others go on.</summary>
    private static async Task<IReadOnlyList<Finding>> RunAsync<T>(ICheck<T> check, T examined, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => check.RunAsync(examined, cancellationToken), cancellationToken).WaitAsync(Limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return [Finding.Problem(string.Create(CultureInfo.InvariantCulture, $"it did not end within {Limit.TotalMinutes:N0} minutes"), "look whether its file system or its server answers at all")];
        }
        catch (UnauthorizedAccessException e)
        {
            return [Finding.Warning($"it cannot be looked at: {e.Message}", "run this command as the server's user")];
        }
        catch (IOException e)
        {
            return [Finding.Problem($"it cannot be looked at: {e.Message}", "look in the kernel's log (dmesg) whether the device is at fault")];
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return [Finding.Problem($"it cannot be looked at: {e.GetType().Name}: {e.Message}", "report this as a defect of tarn doctor")];
        }
    }

    /// <summary>What is examined, also with wrong settings. Flags of a server that runs count where the command has none, so that what the server has is examined.</summary>
    /// <exception cref="CliException">The settings are wrong, and the data directory is not known without them.</exception>
    private static Examined Examine(Func<Setting, string[]?> flags, IReadOnlyDictionary<string, string> variables, ProcFiles proc)
    {
        Found found = Bind(flags, variables);
        string named = found.Values?.Get(Settings.Data).Texts[0] ?? Named(Settings.Data) ?? (Named(Settings.Config) is null ? Settings.Data.Default! : "");
        if (named.Length == 0)
        {
            throw new CliException($"{found.Problem}. With that the data directory is not known: to look at everything else all the same, name it with --data");
        }

        string data = Path.GetFullPath(named);
        RunningServer? server = RunningServer.Find(data, proc);
        KeyValuePair<Setting, string[]>[] taken = [.. (server?.Flags ?? new Dictionary<Setting, string[]>()).Where(flag => flags(flag.Key) is null)];
        string? serverProblem = server?.Problem;
        if (taken.Length > 0)
        {
            Found with = Bind(setting => setting == Settings.Data ? [data] : flags(setting) ?? server!.Flags.GetValueOrDefault(setting), variables);

            // What the server was started with is right for it: it may see other files, as in a container.
            (found, serverProblem) = with.Problem is null ? (with, null) : (found, with.Problem);
        }

        return new Examined
        {
            Data = data,
            Options = found.Options,
            SettingsProblem = found.Problem,
            Control = found.Control,
            Key = found.Options?.RootKey ?? AwsKey(variables),
            Server = server?.Process,
            ServerFlags = serverProblem is null ? [.. taken.Select(Text)] : [],
            ServerFlagsProblem = serverProblem,
            Proc = proc,
        };

        string? Named(Setting setting) => flags(setting)?[0] ?? (variables.GetValueOrDefault(setting.Variable) is { Length: > 0 } set ? set : null);
    }

    /// <summary>Binds the settings as <c>serve</c> does.</summary>
    private static Found Bind(Func<Setting, string[]?> flags, IReadOnlyDictionary<string, string> variables)
    {
        SettingValues? values = null;
        ServerOptions? options = null;
        try
        {
            values = SettingValues.Collect(flags, variables);
            options = ServerOptionsBinder.Bind(values);
            return new Found(values, options, LocalServer.Endpoint(values), null);
        }
        catch (StartupException e)
        {
            return new Found(values, options, null, e.Message);
        }
    }

    private static string Text(KeyValuePair<Setting, string[]> flag) => flag is { Key.IsSwitch: true, Value: ["true"] } ? flag.Key.Flag : $"{flag.Key.Flag} {string.Join(' ', flag.Value)}";

    private static RootKey? AwsKey(IReadOnlyDictionary<string, string> variables) =>
        variables.GetValueOrDefault("AWS_ACCESS_KEY_ID") is { Length: > 0 } id && variables.GetValueOrDefault("AWS_SECRET_ACCESS_KEY") is { Length: > 0 } secret ? new RootKey(id, secret) : null;

    private static Uri PublicUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.Query.Length == 0 && url.UserInfo.Length == 0
            ? url
            : throw new CliException($"--url: '{text}' is not like https://s3.example.com");

    /// <param name="Values">The settings; null if they cannot be read.</param>
    /// <param name="Options">The same, bound; null if they are wrong.</param>
    /// <param name="Control">The control address; null if it is not known.</param>
    /// <param name="Problem">What is wrong with them; null if nothing is.</param>
    private sealed record Found(SettingValues? Values, ServerOptions? Options, Uri? Control, string? Problem);
}

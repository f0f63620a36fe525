using System.CommandLine;
using System.Globalization;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Cli.Status;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor;

/// <summary><c>tarn doctor</c>: looks at everything on which a server depends, beside a running one or without, and says what to do. It changes nothing.</summary>
internal static class DoctorCommand
{
    private const int HasProblems = 1;

    /// <summary>For one check.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <param name="variables">The environment, with the server's settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="checks">What is looked at.</param>
    public static Command Create(IReadOnlyDictionary<string, string> variables, TimeProvider time, IReadOnlyList<ICheck> checks)
    {
        Option<string?> config = ControlCli.Text("--config", "FILE", "The configuration file of the server; its other settings are taken from the environment, as by serve.");
        Option<string?> data = ControlCli.Text("--data", "DIR", "The data directory; that of the settings by default.");
        Option<string?> url = ControlCli.Text("--url", "URL", "The URL by which clients reach the S3 endpoint, to ask what is between: https://s3.example.com.");
        Option<bool> json = new("--json") { Description = "Print one JSON document." };
        var command = new Command("doctor", "Look at all that a server depends on, and say what to do. Nothing is changed, and a server may run. The exit code is 1 if there are problems.") { config, data, url, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string? file = parsed.GetValue(config), directory = parsed.GetValue(data);
            Examined examined = Examine(
                setting => setting == Settings.Config && file is not null ? [file] : setting == Settings.Data && directory is not null ? [directory] : null, variables, time) with
            {
                Public = parsed.GetValue(url) is { } given ? PublicUrl(given) : null,
            };
            var report = new DoctorReport(parsed.InvocationConfiguration.Output, parsed.GetValue(json), checks.Max(static check => check.Name.Length));
            foreach (ICheck check in checks)
            {
                foreach (Finding finding in await RunAsync(check, examined, cancellationToken))
                {
                    report.Add(check.Name, finding);
                }
            }

            report.End();
            return report.Problems > 0 ? HasProblems : 0;
        });
        return command;
    }

    /// <summary>Runs a check. One that fails or does not end, as on a network file system whose server is away, is a finding too: the others go on.</summary>
    private static async Task<IReadOnlyList<Finding>> RunAsync(ICheck check, Examined examined, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => check.RunAsync(examined, cancellationToken), cancellationToken).WaitAsync(Limit, examined.Time, cancellationToken);
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

    /// <summary>Binds the settings as <c>serve</c> does; what is wrong with them is a finding, and the rest is examined all the same.</summary>
    /// <exception cref="CliException">They are wrong, and the data directory is not known without them.</exception>
    private static Examined Examine(Func<Setting, string[]?> flags, IReadOnlyDictionary<string, string> variables, TimeProvider time)
    {
        SettingValues? values = null;
        ServerOptions? options = null;
        Uri? control = null;
        string? problem = null;
        try
        {
            values = SettingValues.Collect(flags, variables);
            options = ServerOptionsBinder.Bind(values);
            control = LocalServer.Endpoint(values);
        }
        catch (StartupException e)
        {
            problem = e.Message;
        }

        string data = values?.Get(Settings.Data).Texts[0] ?? Named(Settings.Data) ?? (Named(Settings.Config) is null ? Settings.Data.Default! : "");
        if (data.Length == 0)
        {
            throw new CliException($"{problem}. With that the data directory is not known: to look at everything else all the same, name it with --data");
        }

        var proc = new ProcFiles("/proc");
        return new Examined
        {
            Data = Path.GetFullPath(data),
            Options = options,
            SettingsProblem = problem,
            Control = control,
            Key = options?.RootKey ?? AwsKey(variables),
            Server = proc.ServerOf(Path.GetFullPath(data)),
            Proc = proc,
            Time = time,
        };

        string? Named(Setting setting) => flags(setting)?[0] ?? (variables.GetValueOrDefault(setting.Variable) is { Length: > 0 } set ? set : null);
    }

    private static RootKey? AwsKey(IReadOnlyDictionary<string, string> variables) =>
        variables.GetValueOrDefault("AWS_ACCESS_KEY_ID") is { Length: > 0 } id && variables.GetValueOrDefault("AWS_SECRET_ACCESS_KEY") is { Length: > 0 } secret ? new RootKey(id, secret) : null;

    private static Uri PublicUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.Query.Length == 0 && url.UserInfo.Length == 0
            ? url
            : throw new CliException($"--url: '{text}' is not like https://s3.example.com");
}

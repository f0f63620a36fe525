using System.CommandLine;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Cli.Status;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor;

/// <summary><c>tarn doctor</c>: looks at everything on which a server depends, beside a running one or without, and says what to do. It changes nothing.</summary>
internal static class DoctorCommand
{
    private const int HasProblems = 1;

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
            var report = new DoctorReport();
            foreach (ICheck check in checks)
            {
                report.Add(check.Name, await RunAsync(check, examined, cancellationToken));
            }

            report.Print(new CliOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)));
            return report.Problems > 0 ? HasProblems : 0;
        });
        return command;
    }

    private static async Task<IReadOnlyList<Finding>> RunAsync(ICheck check, Examined examined, CancellationToken cancellationToken)
    {
        try
        {
            return await check.RunAsync(examined, cancellationToken);
        }
        catch (UnauthorizedAccessException e)
        {
            return [Finding.Warning($"it cannot be looked at: {e.Message}", "run this command as the server's user")];
        }
        catch (IOException e)
        {
            return [Finding.Problem($"it cannot be looked at: {e.Message}", "look in the kernel's log (dmesg) whether the device is at fault")];
        }
    }

    /// <summary>Binds the settings as <c>serve</c> does; what is wrong with them is a finding, and the rest is examined all the same.</summary>
    private static Examined Examine(Func<Setting, string[]?> flags, IReadOnlyDictionary<string, string> variables, TimeProvider time)
    {
        ServerOptions? options = null;
        string? problem = null;
        Uri? control = null;
        try
        {
            options = ServerOptionsBinder.Bind(SettingValues.Collect(flags, variables));
            control = LocalServer.Endpoint(flags, variables);
        }
        catch (StartupException e)
        {
            problem = e.Message;
        }

        string data = options?.Data ?? Path.GetFullPath(flags(Settings.Data)?[0] ?? (variables.GetValueOrDefault(Settings.Data.Variable) is { Length: > 0 } set ? set : Settings.Data.Default!));
        var proc = new ProcFiles("/proc");
        return new Examined
        {
            Data = data,
            Options = options,
            SettingsProblem = problem,
            Control = control,
            Key = options?.RootKey ?? AwsKey(variables),
            Server = proc.ServerOf(data),
            Proc = proc,
            Time = time,
        };
    }

    private static RootKey? AwsKey(IReadOnlyDictionary<string, string> variables) =>
        variables.GetValueOrDefault("AWS_ACCESS_KEY_ID") is { Length: > 0 } id && variables.GetValueOrDefault("AWS_SECRET_ACCESS_KEY") is { Length: > 0 } secret ? new RootKey(id, secret) : null;

    private static Uri PublicUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.Query.Length == 0 && url.UserInfo.Length == 0
            ? url
            : throw new CliException($"--url: '{text}' is not like https://s3.example.com");
}

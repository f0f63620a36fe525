using Tarn.Server.Cli.Status;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>Whether a server runs on the data directory, and is ready.</summary>
internal sealed class ServerCheck : ICheck
{
    public string Name => "server";

    public async Task<IReadOnlyList<Finding>> RunAsync(Examined examined, CancellationToken cancellationToken)
    {
        if (examined.Server is not { } running)
        {
            return [Finding.Ok("none runs on this data directory, as far as can be seen from here")];
        }

        if (examined.Options is not { } options || examined.Control is not { } control)
        {
            return [Finding.Skipped($"process {running}; its control address is not known")];
        }

        const string settings = "give this command the settings that the server has (--config, TARN_CONTROL)";
        HealthProbe.Answer answer = await HealthProbe.AskAsync(control, cancellationToken);
        return !answer.IsReady ? [Finding.Problem($"process {running} is not ready: {answer.Text}", $"{settings}; if it has them, read the server's log, and restart it")]
            : Listening.On(options.Control, examined) switch
            {
                Listener.Server => [Finding.Ok($"process {running} is ready on {control.Authority}")],
                Listener.Other => [Finding.Warning($"process {running} has the data directory, but what is ready on {control.Authority} is another process: another server, or what passes on to the server's container", settings)],
                _ => [Finding.Skipped($"a server is ready on {control.Authority}; whether it is process {running}, which has the data directory, this user ({Environment.UserName}) cannot see", "run this command as the server's user, or as root")],
            };
    }
}

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

        if (examined.Control is not { } control)
        {
            return [Finding.Skipped($"process {running}; its control address is not known")];
        }

        HealthProbe.Answer answer = await HealthProbe.AskAsync(control, cancellationToken);
        return answer.IsReady ? [Finding.Ok($"process {running} is ready on {control.Authority}")]
            : [Finding.Problem($"process {running} is not ready: {answer.Text}", "give this command the settings that the server has (--config, TARN_CONTROL); if it has them, read the server's log, and restart it")];
    }
}

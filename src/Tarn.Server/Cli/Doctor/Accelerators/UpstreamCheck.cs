using System.Globalization;
using System.Security.Authentication;
using Tarn.Core.Acceleration;
using Tarn.Server.Cli.Doctor.Checks;

namespace Tarn.Server.Cli.Doctor.Accelerators;

/// <summary>The server: whether it is reached, has the right certificate, listens for accelerators there, and accepts the token.</summary>
internal sealed class UpstreamCheck : ICheck<ExaminedAccelerator>
{
    private const string OtherListener = "--upstream is the address of --accelerators of the server, not that of S3 or of its control address";

    public string Name => "server";

    public async Task<IReadOnlyList<Finding>> RunAsync(ExaminedAccelerator examined, CancellationToken cancellationToken)
    {
        if (examined.Options is not { } options)
        {
            return [Finding.Skipped("it is not known: the settings are wrong")];
        }

        string where = options.Upstream.AbsoluteUri.TrimEnd('/');
        try
        {
            UpstreamAnswer answer = await UpstreamAnswer.AskAsync(options, examined.Time, cancellationToken);
            return
            [
                answer.IsEnvelopeRefused
                    ? Finding.Problem($"{where} refuses this accelerator: {answer.Message}", $"create a token there: tarn accelerator token create NAME --zone {options.Zone}")
                    : answer.Status == StatusCodes.Status200OK && answer.Body.Trim() == AcceleratorPaths.Gone ? Finding.Ok($"{where} is reached, and accepts the token")
                    : answer.Status >= StatusCodes.Status500InternalServerError ? Finding.Problem(string.Create(CultureInfo.InvariantCulture, $"{where} answers {answer.Status}: {answer.Message}"), "look at the server's log")
                    : Finding.Problem(string.Create(CultureInfo.InvariantCulture, $"what answers at {where} is no listener for accelerators (status {answer.Status})"), OtherListener),
            ];
        }
        catch (TimeoutException)
        {
            return [Finding.Problem($"{where} does not answer in time", $"look whether a firewall is between, and whether the server runs; {OtherListener}")];
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException inner)
        {
            return
            [
                Finding.Problem(
                    $"the TLS of {where} is not accepted: {(inner.InnerException ?? inner).Message}",
                    "name the server as its certificate does; if the certificate is from an authority of your own, name that with --upstream-ca; http if the server has none"),
            ];
        }
        catch (HttpRequestException e)
        {
            return [Finding.Problem($"{where} cannot be reached: {e.Message}", $"look whether the server runs with --accelerators, and whether a firewall is between; {OtherListener}")];
        }
    }
}

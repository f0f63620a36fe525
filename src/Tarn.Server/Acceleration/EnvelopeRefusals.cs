using System.Diagnostics.Metrics;
using Tarn.Core.Acceleration;
using Tarn.Core.Errors;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Acceleration;

/// <summary>Refuses requests whose envelope is not accepted, or no longer: counts them, and logs why.</summary>
/// <param name="tokens">Looks tokens up, each time.</param>
/// <param name="logger">Logs refusals.</param>
internal sealed partial class EnvelopeRefusals(AcceleratorTokens tokens, ILogger<EnvelopeRefusals> logger)
{
    /// <summary>Why a token is refused that there is not.</summary>
    public const string NoToken = "The accelerator's token is not one of this server, or was revoked";

    private static readonly Counter<long> Refused = ServerTelemetry.Meter.CreateCounter<long>(
        "tarn.accelerators.refused", unit: "{request}", description: "Requests on the listener for accelerators whose envelope was not accepted.");

    /// <summary>The refusal of a request, which is counted and logged.</summary>
    /// <param name="peer">Where the accelerator connects from.</param>
    /// <param name="why">What is wrong with its envelope.</param>
    public S3Exception Refuse(System.Net.IPAddress? peer, string why)
    {
        Refused.Add(1);
        LogRefused(logger, peer, why);
        return new S3Exception(S3Error.AcceleratorRefused, why) { Headers = [new(AcceleratorHeaders.Envelope, AcceleratorHeaders.EnvelopeRefused)] };
    }

    /// <summary>Refuses a request whose token was revoked since its envelope was opened. To be asked after bytes were waited for, which take as long as their sender likes, and before anything is decided by them.</summary>
    /// <param name="peer">Where the accelerator connects from.</param>
    /// <param name="token">The token's text.</param>
    /// <param name="cancellationToken">Cancels looking it up.</param>
    /// <exception cref="S3Exception">AcceleratorRefused.</exception>
    public async ValueTask ThrowIfRevokedAsync(System.Net.IPAddress? peer, string token, CancellationToken cancellationToken)
    {
        if (await tokens.AuthenticateAsync(token, cancellationToken) is null)
        {
            throw Refuse(peer, NoToken);
        }
    }

    [LoggerMessage(EventIds.EnvelopeRefused, LogLevel.Debug, "A request from {Peer} on the listener for accelerators was refused: {Why}")]
    private static partial void LogRefused(ILogger logger, System.Net.IPAddress? peer, string why);
}

using Tarn.Core.Identity;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Removes the rows of temporary credentials that have expired.</summary>
internal sealed partial class TemporaryKeySweepService(IdentityStore identity, TimeProvider time, ILogger<TemporaryKeySweepService> logger) : BackgroundWork(logger)
{
    protected override Task RunAsync(CancellationToken stopping)
    {
        identity.TemporaryKeys.OnDamaged(e => LogDamaged(logger, e));
        return identity.TemporaryKeys.RunAsync(Failed, time, stopping);
    }

    protected override void LogFailed(Exception e) => Log(logger, e);

    [LoggerMessage(EventIds.TemporaryKeySweepFailed, LogLevel.Error, "Removing expired temporary credentials failed; it is tried again later")]
    private static partial void Log(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.TemporaryKeyDamaged, LogLevel.Error, "The row of temporary credentials does not decode; they do not work, and are left out of lists and limits")]
    private static partial void LogDamaged(ILogger logger, Exception exception);
}

using Tarn.Core.Objects.Reading;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Loads the list of damage, and looks at the start and once a day whether what is on it is right again or gone.</summary>
internal sealed partial class DamageRecheckService(DamageRecheck recheck, TimeProvider clock, ILogger<DamageRecheckService> logger) : BackgroundWork(logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        do
        {
            try
            {
                await recheck.RunOnceAsync(Failed, stopping);
            }
            catch (IOException e)
            {
                Failed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    protected override void LogFailed(Exception e) => LogNotRechecked(logger, e);

    [LoggerMessage(EventIds.DamageNotRechecked, LogLevel.Warning, "It could not be found out whether damaged data is right again; it is tried again tomorrow")]
    private static partial void LogNotRechecked(ILogger logger, Exception exception);
}

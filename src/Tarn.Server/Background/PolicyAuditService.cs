using Tarn.Core.Access;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Logs, once after startup, stored policies that would be refused if they were put now.</summary>
internal sealed partial class PolicyAuditService(StoredPolicyAudit audit, ILogger<PolicyAuditService> logger) : BackgroundWork(logger)
{
    /// <summary>The maximum number of policies that get a line of their own.</summary>
    private const int MaxLines = 100;

    protected override async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await AuditAsync(stopping);
        }
        catch (Exception e) when (e is IOException or Core.Records.RecordFormatException)
        {
            Failed(e);
        }
    }

    protected override void LogFailed(Exception e) => LogFailed(logger, e);

    private async Task AuditAsync(CancellationToken stopping)
    {
        int found = 0;
        await foreach ((string whose, string why) in audit.FindAsync(stopping))
        {
            if (++found <= MaxLines)
            {
                LogRefusedNow(logger, whose, why);
            }
        }

        if (found > MaxLines)
        {
            LogMore(logger, found - MaxLines);
        }
    }

    [LoggerMessage(EventIds.PolicyRefusedNow, LogLevel.Warning, "The {Whose} still decides as before, but would be refused if it were put now: {Why}")]
    private static partial void LogRefusedNow(ILogger logger, string whose, string why);

    [LoggerMessage(EventIds.MorePoliciesRefusedNow, LogLevel.Warning, "{Count} more policies would be refused if they were put now")]
    private static partial void LogMore(ILogger logger, int count);

    [LoggerMessage(EventIds.PolicyAuditFailed, LogLevel.Error, "Searching for stored policies that would be refused now failed; they still decide as before")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

using Tarn.Core.Access;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>Tells once, when the server has started, of policies that are stored and would be refused if they were put now.</summary>
internal static partial class PolicyAudit
{
    /// <summary>Policies that get a line of their own.</summary>
    private const int MaxLines = 100;

    public static async Task RunAsync(StoredPolicyAudit audit, ILogger logger, CancellationToken stopping)
    {
        try
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
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops; it tells when it starts again.
        }
        catch (Exception e) when (e is IOException or Core.Records.RecordFormatException)
        {
            LogFailed(logger, e);
        }
    }

    [LoggerMessage(EventIds.PolicyRefusedNow, LogLevel.Warning, "The {Whose} is decided by as before, but would be refused if it were put now: {Why}")]
    private static partial void LogRefusedNow(ILogger logger, string whose, string why);

    [LoggerMessage(EventIds.MorePoliciesRefusedNow, LogLevel.Warning, "{Count} more policies would be refused if they were put now")]
    private static partial void LogMore(ILogger logger, int count);

    [LoggerMessage(EventIds.PolicyAuditFailed, LogLevel.Error, "Looking for stored policies that would be refused now failed; they are decided by as before")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

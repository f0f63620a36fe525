using Tarn.Core.Objects.Integrity;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Storage;

/// <summary>Logs damage of stored data.</summary>
internal static partial class DamageLog
{
    public static void Noticed(ILogger logger, DamagedObject damaged, string what, Exception? failure)
    {
        string bucket = damaged.Bucket ?? "-";
        string place = damaged.Upload is { } upload ? $"part {damaged.PartNumber} of upload {upload}" : $"version {damaged.Version}";
        LogDamaged(logger, bucket, damaged.Key.ToString(), place, what);
        if (failure is not null)
        {
            LogNotRecorded(logger, bucket, damaged.Key.ToString(), place, failure);
        }
    }

    [LoggerMessage(EventIds.DataDamaged, LogLevel.Error, "Stored data is damaged: bucket {Bucket}, key {Key}, {Place}: {What} See docs/operations/recovery.md")]
    private static partial void LogDamaged(ILogger logger, string bucket, string key, string place, string what);

    [LoggerMessage(EventIds.DamageNotRecorded, LogLevel.Error, "The damage of bucket {Bucket}, key {Key}, {Place} could not be recorded: it is remembered until the server stops")]
    private static partial void LogNotRecorded(ILogger logger, string bucket, string key, string place, Exception exception);
}

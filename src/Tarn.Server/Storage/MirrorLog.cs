using System.Diagnostics.Metrics;
using System.Globalization;
using Tarn.Core.Blobs;
using Tarn.Core.Mirroring;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Storage;

/// <summary>Logs and counts what happens to the mirror.</summary>
internal sealed partial class MirrorLog(StoreHealth health, ILogger logger) : IMirrorEvents, IDisposable
{
    private readonly Meter _meter = ServerTelemetry.CreateMeter();
    private Counter<long>? _lost;
    private Counter<long>? _healed;

    /// <summary>Publishes the metrics of an open mirror.</summary>
    public void Show(Mirror mirror)
    {
        _lost = _meter.CreateCounter<long>("tarn.mirror.lost", "{side}", "How often a side of the mirror failed and the other went on alone.");
        _healed = _meter.CreateCounter<long>("tarn.mirror.healed", "{blob}", "Copies of blobs that were rewritten from the other side of the mirror.");
        _meter.CreateObservableGauge(
            "tarn.mirror.state", () => OfSides(mirror, static side => (int)side.State), unit: "{state}", description: "State of a side of the mirror: 0 lost, 1 being filled, 2 whole.");
        _meter.CreateObservableGauge(
            "tarn.mirror.fill.rows", () => OfSides(mirror, static side => side.Progress.Rows), unit: "{row}", description: "Rows compared by the fill in progress.");
        _meter.CreateObservableGauge(
            "tarn.mirror.fill.directories",
            () => OfSides(mirror, static side => side.Progress.Directories),
            unit: "{directory}",
            description: "Directories of blobs, of 256, compared by the fill in progress.");
        _meter.CreateObservableGauge(
            "tarn.mirror.fill.copied", () => OfSides(mirror, static side => side.Progress.Bytes), unit: "By", description: "Bytes of blobs copied by the fill in progress.");
        _lost.Add(0);
        _healed.Add(0);
    }

    /// <summary>Warns that one device holds both sides.</summary>
    public void OnOneDevice(string data, string mirror) => LogOnOneDevice(logger, data, mirror);

    public void Lost(string side, string other, Exception cause)
    {
        _lost?.Add(1);
        LogLost(logger, side, other, cause);
    }

    public void Missing(string side, string other, Exception cause) => LogMissing(logger, side, other, cause.Message);

    public void CaughtUp(string side, string other) => LogCaughtUp(logger, side, other);

    public void FillBegan(string side, string other) => LogFilling(logger, side, other);

    public void Filled(string side, string other, MirrorProgress done) => LogFilled(
        logger, done.NotCopied == 0 ? LogLevel.Information : LogLevel.Warning, side, done.RowsWritten, done.Rows, done.Blobs, done.Bytes, done.NotCopied);

    public void FillFailed(string side, Exception cause, TimeSpan again) =>
        LogFillFailed(logger, side, cause.Message, again.TotalSeconds.ToString("0", CultureInfo.InvariantCulture));

    public void Healed(string side, BlobId blob, long bytes)
    {
        _healed?.Add(1);
        LogHealed(logger, side, blob, bytes);
    }

    public void HealFailed(string side, BlobId blob, Exception cause) => LogHealFailed(logger, side, blob, cause.Message);

    public void Failed(Exception cause)
    {
        health.Fail();
        LogFailed(logger, cause);
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> OfSides(Mirror mirror, Func<MirrorSideStatus, long> value) =>
        mirror.Status.Select((side, index) => new Measurement<long>(value(side), new KeyValuePair<string, object?>("side", index == 0 ? "data" : "mirror")));

    [LoggerMessage(EventIds.MirrorLost, LogLevel.Critical, "A side of the mirror failed: {Side}. The server goes on with {Other} alone, so there is one copy of everything until the side is back. It is tried again from time to time")]
    private static partial void LogLost(ILogger logger, string side, string other, Exception exception);

    [LoggerMessage(EventIds.MirrorMissing, LogLevel.Critical, "A side of the mirror cannot be used: {Side}: {Reason}. The server runs with {Other} alone, so there is one copy of everything until the side is back. It is tried again from time to time")]
    private static partial void LogMissing(ILogger logger, string side, string other, string reason);

    [LoggerMessage(EventIds.MirrorCaughtUp, LogLevel.Information, "{Side} lacked the last commits of {Other}, which the server had not answered when it ended, and has them now")]
    private static partial void LogCaughtUp(ILogger logger, string side, string other);

    [LoggerMessage(EventIds.MirrorFilling, LogLevel.Warning, "{Side} is being filled from {Other}; until that is done, there is one copy of everything")]
    private static partial void LogFilling(ILogger logger, string side, string other);

    [LoggerMessage(EventId = EventIds.MirrorFilled, Message = "The mirror is whole: {Side} has everything ({Written} of {Rows} rows and {Blobs} blobs differed, {Bytes} bytes were copied), "
        + "except for {NotCopied} blobs that could not be read and are named above")]
    private static partial void LogFilled(ILogger logger, LogLevel level, string side, long written, long rows, long blobs, long bytes, long notCopied);

    [LoggerMessage(EventIds.MirrorFillFailed, LogLevel.Warning, "{Side} cannot be brought back: {Reason}. It is tried again in {Seconds} seconds")]
    private static partial void LogFillFailed(ILogger logger, string side, string reason, string seconds);

    [LoggerMessage(EventIds.MirrorHealed, LogLevel.Warning, "The copy of blob {Blob} in {Side} was damaged or missing, and was rewritten from the other side of the mirror ({Bytes} bytes)")]
    private static partial void LogHealed(ILogger logger, string side, BlobId blob, long bytes);

    [LoggerMessage(EventIds.MirrorHealFailed, LogLevel.Error, "The copy of blob {Blob} in {Side} is damaged or missing, and could not be rewritten from the other side of the mirror: {Reason}")]
    private static partial void LogHealFailed(ILogger logger, string side, BlobId blob, string reason);

    [LoggerMessage(EventIds.MirrorFailed, LogLevel.Critical, "No side of the mirror accepts writes. Reads continue, but every write is refused with 503 and the server is not ready until it is restarted. "
        + "Check the disks (the kernel's log, free space), then restart the server; every acknowledged write is kept")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.MirrorOnOneDevice, LogLevel.Warning, "{Data} and {Mirror} are on one device: the mirror does not survive its loss")]
    private static partial void LogOnOneDevice(ILogger logger, string data, string mirror);
}

using Tarn.S3.Telemetry;
using Tarn.Server.Configuration;
using Tarn.Server.Identity;
using Tarn.Server.Logging;

namespace Tarn.Server.Auditing;

/// <summary>
/// The audit log: who changed what, or tried to. Each line is synced to the device by the log's own thread; no request waits for that. So lines of the last moments before a crash can be
/// missing, and lines are lost while the file cannot be written: the log then has a line that says how many.
/// </summary>
internal sealed class AuditLog : IFinishedRequestSink, IDisposable
{
    /// <summary>Its name in messages.</summary>
    public const string Name = "audit log";

    private readonly LineLog? _log;

    /// <param name="log">Where the lines go; null: nowhere.</param>
    public AuditLog(LineLog? log) => _log = log;

    /// <summary>Whether there is a log.</summary>
    public bool IsOn => _log is not null;

    /// <summary>Opens the log that the options name, if they name one, and writes that the server starts.</summary>
    /// <exception cref="StartupException">Its file cannot be opened.</exception>
    public static AuditLog Open(ServerOptions options, RootIdentity root, TimeProvider time, ILogger<LineLog> logger)
    {
        if (options.AuditLog is not { } path)
        {
            return new AuditLog(null);
        }

        var log = new AuditLog(new LineLog(Name, LogFiles.Open(Settings.AuditLog, path, isDurable: true), time, logger, Lost));
        log.Add(new AuditEvent
        {
            Time = time.GetUtcNow(),
            Plane = "server",
            Operation = root.IsNewKey ? "MakeRootKey" : options.RootKey is null ? "Start" : "StartWithConfiguredRootKey",
            Resource = options.Data,
            Requester = "operator",
            AccessKey = root.Key.AccessKey,
        });
        return log;
    }

    public void Add(AuditEvent change) => _log?.Add(change.ToLine());

    /// <summary>Adds a request that changes access.</summary>
    public void Add(FinishedRequest request)
    {
        if (_log is null || !request.ChangesAccess)
        {
            return;
        }

        Add(new AuditEvent
        {
            Time = request.Started,
            Plane = "s3",
            Operation = request.Operation ?? "-",
            Resource = request.LoggedKey is { } key ? $"{request.Bucket}/{key}" : request.Bucket ?? "-",
            Requester = request.Principal?.Arn ?? "anonymous",
            AccessKey = request.Principal?.AccessKeyId,
            Remote = request.Remote,
            Status = request.Status,
            Error = request.ErrorCode,
            RequestId = request.RequestId,
        });
    }

    /// <summary>Writes what is left, unless the sink is stuck.</summary>
    public void Dispose() => _log?.Dispose();

    private static string Lost(DateTimeOffset now, long lines) => JsonLines.Of((now, lines), static (json, it) =>
    {
        json.WriteString("time", it.now.UtcDateTime);
        json.WriteString("plane", "server");
        json.WriteString("operation", "LoseAuditLines");
        json.WriteNumber("lines", it.lines);
    });
}

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
    private const string Name = "audit log";

    /// <summary>How long the end of the server waits for a device to take the last lines.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The longest name of a bucket and key that is shown, in characters; a key has at most 1,024 bytes.</summary>
    private const int MaxResource = 1024 + 64;

    private readonly LineLog? _log;

    /// <param name="log">Where the lines go; null: nowhere.</param>
    public AuditLog(LineLog? log) => _log = log;

    /// <summary>Whether there is a log.</summary>
    public bool IsOn => _log is not null;

    /// <summary>Opens the log that the options name, if they name one.</summary>
    /// <exception cref="StartupException">Its file cannot be opened.</exception>
    public static AuditLog Open(ServerOptions options, TimeProvider time, ILogger<LineLog> logger) => new(
        options.AuditLog is not { } path ? null : new LineLog(Name, LogFiles.Open(Settings.AuditLog, path, isDurable: true), time, logger, Lost, Patience));

    /// <summary>Adds that the server starts, and with which root key: the start that makes one is the only one that can tell.</summary>
    public void AddStart(ServerOptions options, RootIdentity root, TimeProvider time)
    {
        Add(new AuditEvent
        {
            Time = time.GetUtcNow(),
            Plane = "server",
            Operation = root.IsNewKey ? "MakeRootKey" : options.RootKey is null ? "Start" : "StartWithConfiguredRootKey",
            Resource = options.Data,
            Requester = "operator",
            AccessKey = root.Key.AccessKey,
        });
    }

    /// <summary>Adds a change.</summary>
    public void Add(AuditEvent change) => _log?.Add(change, static it => it.ToLine());

    /// <summary>Adds a request that changes access. What is refused to somebody who is not known is left out: anyone can send it, as often as they like.</summary>
    public void Add(FinishedRequest request)
    {
        if (_log is null || !request.ChangesAccess || (request is { Principal: null, ClaimedAccessKey: null, WasAllowed: false, Status: >= 400 }))
        {
            return;
        }

        Add(new AuditEvent
        {
            Time = request.Started,
            Plane = "s3",
            Operation = request.Operation ?? "-",
            Resource = Cut(request.LoggedKey is { } key ? $"{request.Bucket}/{key}" : request.Bucket ?? "-"),
            Requester = request.Principal?.Arn ?? (request.ClaimedAccessKey is null ? "anonymous" : "unknown"),
            AccessKey = request.Principal is { HoldsToken: false } signer ? signer.AccessKeyId : null,
            TokenId = request.Principal is { HoldsToken: true } holder ? holder.AccessKeyId : null,
            ClaimedAccessKey = request.ClaimedAccessKey,
            Remote = request.Remote,
            Status = request.Status,
            Error = request.ErrorCode,
            RequestId = request.RequestId,
            Made = request.Issued,
        });
    }

    public bool ReadsHttp(FinishedRequest request) => false;

    /// <summary>Writes what is left. What the file does not take in time is lost, which the server's log says.</summary>
    public void Dispose() => _log?.Dispose();

    private static string Cut(string text) => text.Length <= MaxResource ? text : text[..MaxResource] + "…";

    private static string Lost(DateTimeOffset now, long lines) => JsonLines.Of((now, lines), static (json, it) =>
    {
        json.WriteString("time", it.now.UtcDateTime);
        json.WriteString("plane", "server");
        json.WriteString("operation", "LoseAuditLines");
        json.WriteNumber("lines", it.lines);
    });
}

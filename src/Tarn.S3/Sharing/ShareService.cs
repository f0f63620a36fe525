using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarn.Core.Disks;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Sharing;
using Tarn.Core.Storage;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;
using Tarn.S3.Wire;

namespace Tarn.S3.Sharing;

/// <summary>
/// Serves share links: streams the file or object to anyone who has the link, in a form that is safe in a browser, and writes every use
/// to the audit log. Needs no credentials and reveals nothing beyond the link's target.
/// </summary>
public sealed partial class ShareService
{
    /// <summary>The prefix of a link's path, before the token.</summary>
    public const string Path = "/api/shared/";

    /// <summary>The category of the audit log.</summary>
    public const string AuditCategory = "Tarn.Audit";

    internal const string CacheControl = "private, no-store";

    private readonly ShareLinks _links;
    private readonly SharedFiles _files;
    private readonly TimeProvider _clock;
    private readonly ILogger _audit;
    private readonly ILogger _log;

    /// <summary>Creates the service.</summary>
    /// <param name="links">Verifies links.</param>
    /// <param name="disks">The disks of shared files.</param>
    /// <param name="objects">The buckets of shared objects.</param>
    /// <param name="organizations">The organizations that own them.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="loggers">Creates the audit log and the error log.</param>
    public ShareService(
        ShareLinks links, DiskStore disks, ObjectStore objects, Organizations organizations, TimeProvider clock, ILoggerFactory loggers)
    {
        _links = links;
        _files = new SharedFiles(disks, objects, organizations);
        _clock = clock;
        _audit = loggers.CreateLogger(AuditCategory);
        _log = loggers.CreateLogger<ShareService>();
    }

    /// <summary>Serves one use of a link.</summary>
    /// <param name="http">The request: GET or HEAD.</param>
    /// <param name="token">The rest of the path after <see cref="Path"/>.</param>
    public async Task HandleAsync(HttpContext http, string token)
    {
        ArgumentNullException.ThrowIfNull(http);
        ShareLink? link = null;
        CountedContent? content = null;
        var sent = new SentBytes(_clock);
        long started = _clock.GetTimestamp();
        int status;
        try
        {
            Protect(http.Response);
            (ShareState state, link) = await _links.OpenAsync(token, http.RequestAborted);
            SharedFile? file = null;
            if (state == ShareState.Valid)
            {
                (state, file) = await _files.OpenAsync(link!, http.RequestAborted);
            }

            bool isWhole = true;
            if (file is null)
            {
                await RefuseAsync(http, state);
            }
            else
            {
                await using (content = new CountedContent(file.Content))
                {
                    isWhole = await SendAsync(http, content, file.Facts, sent);
                }
            }

            status = isWhole ? http.Response.StatusCode : RequestOutcome.ClientClosedRequest;
        }
        catch (Exception e)
        {
            status = await FailAsync(http, e);
        }

        RequestOutcome outcome = OutcomeOf(http, status, content, sent, started);
        RequestMetrics.Record(outcome);
        LogUse(_audit, link?.Id ?? "-", link?.Target.Log ?? "-", outcome.Remote, outcome.Method, outcome.Status, outcome.BytesOut);
    }

    /// <summary>Refuses a use of a link for which the server has no capacity at the moment.</summary>
    public async Task RefuseBusyAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        long started = _clock.GetTimestamp();
        Protect(http.Response);
        http.Response.Headers.RetryAfter = "1";
        await WriteAsync(http, StatusCodes.Status503ServiceUnavailable, "The server is busy. Try again.");
        RequestMetrics.Record(OutcomeOf(http, StatusCodes.Status503ServiceUnavailable, null, new SentBytes(_clock), started));
    }

    private RequestOutcome OutcomeOf(HttpContext http, int status, CountedContent? content, SentBytes sent, long started) => new()
    {
        Operation = "SharedFile",
        Method = http.Request.Method,
        Status = status,
        ErrorCode = status switch
        {
            RequestOutcome.ClientClosedRequest => nameof(RequestOutcome.ClientClosedRequest),
            >= StatusCodes.Status400BadRequest => status.ToString(CultureInfo.InvariantCulture),
            _ => null,
        },
        BytesOut = content?.Count ?? 0,
        TimeToFirstByte = sent.FirstAt is { } first ? _clock.GetElapsedTime(started, first) : null,
        Total = _clock.GetElapsedTime(started),
        Remote = http.Connection.RemoteIpAddress,
    };

    /// <summary>Sends the file or the requested range; false when the client disconnected before the end.</summary>
    private async Task<bool> SendAsync(HttpContext http, CountedContent content, ReadFacts facts, SentBytes sent)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        ReadAnswer.Identify(http.Response, facts, now);
        ReadAnswer.CheckPreconditions(http, facts, now);
        HttpRange range = ReadAnswer.Range(http.Request.Headers, facts);
        ReadAnswer.Write(http.Response, facts, range);
        http.Response.Headers.ContentSecurityPolicy = SharedDisposition.Policy(facts.Metadata.ContentType);
        if (HttpMethods.IsHead(http.Request.Method))
        {
            return true;
        }

        await ContentSender.SendAsync(http, content, range.Offset, range.Length, sent);
        return content.Count >= range.Length;
    }

    /// <summary>Sets the headers of every answer, refusals included.</summary>
    private static void Protect(HttpResponse response)
    {
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = SharedDisposition.Sandbox;
        response.Headers.CacheControl = CacheControl;
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["X-Robots-Tag"] = "noindex";
    }

    private static Task RefuseAsync(HttpContext http, ShareState state) => state switch
    {
        ShareState.Forged => WriteAsync(http, StatusCodes.Status403Forbidden, "This link is not valid."),
        ShareState.Expired => WriteAsync(http, StatusCodes.Status410Gone, "This link has expired."),
        ShareState.Revoked => WriteAsync(http, StatusCodes.Status410Gone, "This link has been revoked."),
        _ => WriteAsync(http, StatusCodes.Status404NotFound, "The file that this link leads to does not exist."),
    };

    /// <summary>Answers an exception, or cuts off an answer that has begun; returns the status for the audit log.</summary>
    private async Task<int> FailAsync(HttpContext http, Exception thrown)
    {
        if (http.RequestAborted.IsCancellationRequested)
        {
            return RequestOutcome.ClientClosedRequest;
        }

        if (DescriptorShortage.IsCauseOf(thrown))
        {
            thrown = Refusal.Of(thrown);
        }

        (int status, string text) = thrown switch
        {
            S3Exception { Error.Status: StatusCodes.Status304NotModified } => (StatusCodes.Status304NotModified, ""),
            S3Exception { Error.Status: StatusCodes.Status412PreconditionFailed } => (StatusCodes.Status412PreconditionFailed, "The file has changed."),
            S3Exception { Error.Status: StatusCodes.Status416RangeNotSatisfiable } => (StatusCodes.Status416RangeNotSatisfiable, "The requested range is outside the file."),
            S3Exception { Error.Status: StatusCodes.Status403Forbidden } => (StatusCodes.Status403Forbidden, "The server may not read the file that this link leads to."),
            S3Exception { Error.Status: StatusCodes.Status503ServiceUnavailable } => (StatusCodes.Status503ServiceUnavailable, "The file cannot be read at the moment. Try again."),
            _ => (StatusCodes.Status500InternalServerError, "The server failed."),
        };
        if (status == StatusCodes.Status500InternalServerError)
        {
            LogFailure(_log, thrown);
        }

        if (http.Response.HasStarted)
        {
            // The client must not mistake what it has received for the whole file.
            http.Abort();
            return status;
        }

        if (status == StatusCodes.Status304NotModified)
        {
            http.Response.StatusCode = status;
            http.Response.ContentLength = null;
            http.Response.Headers.ContentType = default;
            return status;
        }

        http.Response.Clear();
        Protect(http.Response);
        foreach ((string name, string value) in (thrown as S3Exception)?.Headers ?? [])
        {
            http.Response.Headers[name] = value;
        }

        try
        {
            await WriteAsync(http, status, text);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return RequestOutcome.ClientClosedRequest;
        }

        return status;
    }

    /// <summary>Writes a page of one sentence, which repeats nothing from the request.</summary>
    private static async Task WriteAsync(HttpContext http, int status, string text)
    {
        byte[] body = Encoding.UTF8.GetBytes(text + "\n");
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
        }
    }

    [LoggerMessage(EventIds.ShareLinkUsed, LogLevel.Information, "Share link {Link} to {Target} used by {Remote}: {Method} {Status}, {Bytes} bytes")]
    private static partial void LogUse(ILogger logger, string link, string target, IPAddress? remote, string method, int status, long bytes);

    [LoggerMessage(EventIds.ShareLinkFailed, LogLevel.Error, "A share link failed")]
    private static partial void LogFailure(ILogger logger, Exception exception);
}

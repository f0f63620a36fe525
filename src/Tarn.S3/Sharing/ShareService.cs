using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarn.Core.Disks;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Sharing;
using Tarn.Core.Storage;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
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
    public const string Path = ShareTokens.Path;

    /// <summary>The category of the audit log.</summary>
    public const string AuditCategory = "Tarn.Audit";

    private readonly ShareLinks _links;
    private readonly SharedFiles _files;
    private readonly ShareRefusals _refusals;
    private readonly FinishedRequests _requests;
    private readonly RequestIds _ids;
    private readonly TimeProvider _clock;
    private readonly ILogger _audit;

    /// <summary>Creates the service.</summary>
    /// <param name="links">Verifies links.</param>
    /// <param name="disks">The disks of shared files.</param>
    /// <param name="objects">The buckets of shared objects.</param>
    /// <param name="organizations">The organizations that own them.</param>
    /// <param name="requests">Is told of every use.</param>
    /// <param name="ids">Create the ids of uses.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="loggers">Creates the audit log and the error log.</param>
    public ShareService(
        ShareLinks links, DiskStore disks, ObjectStore objects, Organizations organizations, FinishedRequests requests, RequestIds ids, TimeProvider clock, ILoggerFactory loggers)
    {
        _links = links;
        _files = new SharedFiles(disks, objects, organizations);
        _refusals = new ShareRefusals(loggers.CreateLogger<ShareService>());
        _requests = requests;
        _ids = ids;
        _clock = clock;
        _audit = loggers.CreateLogger(AuditCategory);
    }

    /// <summary>Serves one use of a link.</summary>
    /// <param name="http">The request: GET or HEAD.</param>
    /// <param name="token">The rest of the path after <see cref="Path"/>.</param>
    /// <param name="isSaved">Whether browsers save what they are sent and show none of it, because other pages of this origin may do more than read it.</param>
    public async Task HandleAsync(HttpContext http, string token, bool isSaved = false)
    {
        ArgumentNullException.ThrowIfNull(http);
        ShareLink? link = null;
        SharedFile? file = null;
        CountedContent? content = null;
        var sent = new SentBytes(_clock);
        long started = _clock.GetTimestamp();
        int status;
        try
        {
            SharedHeaders.Protect(http.Response);
            (ShareState state, link) = ServiceWorkers.IsScript(http.Request) ? (ShareState.Forged, null) : await _links.OpenAsync(token, http.RequestAborted);
            if (state == ShareState.Valid)
            {
                (state, file) = await _files.OpenAsync(link!, http.RequestAborted);
            }

            bool isWhole = true;
            if (file is null)
            {
                await ShareRefusals.RefuseAsync(http, state);
            }
            else
            {
                await using (content = new CountedContent(file.Content))
                {
                    if (HttpMethods.IsHead(http.Request.Method))
                    {
                        await _files.ThrowIfDamagedAsync(file, http.RequestAborted);
                    }

                    isWhole = await SendAsync(http, content, file.Facts, isSaved, sent);
                }
            }

            status = isWhole ? http.Response.StatusCode : FinishedRequest.ClientClosedRequest;
        }
        catch (Exception e)
        {
            status = await _refusals.FailAsync(http, e);
        }

        FinishedRequest outcome = OutcomeOf(http, link, status, content, sent, started) with { IsLogged = file is { IsLogged: true } };
        Report(http, outcome);
        LogUse(_audit, link?.Id ?? "-", link?.Target.Log ?? "-", outcome.Remote, outcome.Method, outcome.Status, outcome.BytesOut);
    }

    /// <summary>Refuses a use of a link for which the server has no capacity at the moment.</summary>
    public async Task RefuseBusyAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        long started = _clock.GetTimestamp();
        SharedHeaders.Protect(http.Response);
        http.Response.Headers.RetryAfter = "1";
        await ShareRefusals.WriteAsync(http, StatusCodes.Status503ServiceUnavailable, "The server is busy. Try again.");
        Report(http, OutcomeOf(http, null, StatusCodes.Status503ServiceUnavailable, null, new SentBytes(_clock), started));
    }

    private void Report(HttpContext http, FinishedRequest outcome) =>
        _requests.Report(_requests.ReadHttp(outcome) ? outcome with { Http = HttpFacts.Of(http, Path, parameters: null) } : outcome);

    private FinishedRequest OutcomeOf(HttpContext http, ShareLink? link, int status, CountedContent? content, SentBytes sent, long started) => new()
    {
        Started = _clock.GetUtcNow() - _clock.GetElapsedTime(started),
        Bucket = link?.Target.Container,
        BucketId = link is { Target.IsDisk: false } ? link.Target.BucketId : null,
        OwnerId = link?.OwnerId,
        Key = link is null ? null : ObjectKey.FromUtf8(link.Target.Key),
        RequestId = _ids.Next(),
        Operation = "SharedFile",
        Method = http.Request.Method,
        Status = status,
        ErrorCode = status switch
        {
            FinishedRequest.ClientClosedRequest => nameof(FinishedRequest.ClientClosedRequest),
            >= StatusCodes.Status400BadRequest => status.ToString(CultureInfo.InvariantCulture),
            _ => null,
        },
        BytesOut = content?.Count ?? 0,
        TimeToFirstByte = sent.FirstAt is { } first ? _clock.GetElapsedTime(started, first) : null,
        Total = _clock.GetElapsedTime(started),
        Remote = http.Connection.RemoteIpAddress,
        Accelerator = http.Features.Get<AcceleratedRequest>()?.Name,
        AcceleratorToken = http.Features.Get<AcceleratedRequest>()?.TokenId,
    };

    /// <summary>Sends the file or the requested range; false when the client disconnected before the end.</summary>
    private async Task<bool> SendAsync(HttpContext http, CountedContent content, ReadFacts facts, bool isSaved, SentBytes sent)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        ReadAnswer.Identify(http.Response, facts, now);
        ReadAnswer.ThrowIfPreconditionFails(http, facts, now);
        HttpRange range = ReadAnswer.Range(http.Request.Headers, facts);
        ReadAnswer.Write(http.Response, facts, range);
        http.Response.Headers.ContentSecurityPolicy = isSaved ? SharedDisposition.Closed : SharedDisposition.Policy(facts.Metadata.ContentType);
        if (isSaved)
        {
            http.Response.Headers.ContentDisposition = SharedDisposition.Saved(http.Response.Headers.ContentDisposition.ToString());
        }

        if (HttpMethods.IsHead(http.Request.Method))
        {
            return true;
        }

        await ContentSender.SendAsync(http, content, range.Offset, range.Length, sent);
        return content.Count >= range.Length;
    }

    [LoggerMessage(EventIds.ShareLinkUsed, LogLevel.Information, "Share link {Link} to {Target} used by {Remote}: {Method} {Status}, {Bytes} bytes")]
    private static partial void LogUse(ILogger logger, string link, string target, IPAddress? remote, string method, int status, long bytes);
}

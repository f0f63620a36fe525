using System.Diagnostics;
using System.Globalization;
using Tarn.Core.Errors;
using Tarn.S3;
using Tarn.S3.Routing;
using Tarn.S3.Sharing;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Proxies;

namespace Tarn.Server.Hosting;

/// <summary>Answers the requests of the S3 listener: S3 requests, and share links addressed to their own host.</summary>
internal sealed class S3Requests : IS3Handler, IDisposable
{
    private readonly S3Service _s3;
    private readonly ShareService _sharing;
    private readonly Uri? _shareBase;
    private readonly string? _shareHost;
    private readonly IDisposable _refusals;

    /// <param name="s3">Answers S3 requests.</param>
    /// <param name="sharing">Answers share links.</param>
    /// <param name="options">The options, with the host of share links.</param>
    /// <param name="console">Knows its pages, which may read every answer.</param>
    /// <param name="events">Kestrel's events about requests that it refuses itself.</param>
    public S3Requests(S3Service s3, ShareService sharing, ServerOptions options, ConsoleOrigins console, DiagnosticListener events)
    {
        _s3 = s3;
        _sharing = sharing;
        _shareBase = options.ShareBase;
        _shareHost = _shareBase is null ? null : HostOf(_shareBase);
        _refusals = s3.AnswerRefusals(events, static features => ListenerRole.ServesS3(features), console.MadeS3Request);
    }

    public Task HandleAsync(HttpContext context) =>
        ShareToken(context) is not { } token ? _s3.HandleAsync(context)
        : context.Features.Get<AcceleratedRequest>()?.SpeaksFor(organization: null) == false ? DenyAsync(context, "The accelerator may not speak for anonymous requests")
        : _sharing.HandleAsync(context, token);

    public Task RefuseBusyAsync(HttpContext context) =>
        ShareToken(context) is not null ? _sharing.RefuseBusyAsync(context) : _s3.RefuseBusyAsync(context);

    public Task DenyAsync(HttpContext context, string why) => _s3.RefuseAsync(context, new S3Exception(S3Error.AccessDenied, why));

    public void Dispose() => _refusals.Dispose();

    /// <summary>The Host header of a request for a URL.</summary>
    private static string HostOf(Uri url)
    {
        string name = url.HostNameType == UriHostNameType.Dns ? url.IdnHost : url.Host;
        return url.IsDefaultPort ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{url.Port}");
    }

    /// <summary>The token of a share link; null for an S3 request, which may be for a bucket named api.</summary>
    private string? ShareToken(HttpContext context)
    {
        if (_shareBase is null
            || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            || context.Request.Path.Value is not { } path
            || !string.Equals(context.Request.Headers.Host.ToString(), _shareHost, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // A proxy may have removed the path of the links' URL, or left it.
        string below = _shareBase.AbsolutePath.TrimEnd('/') + ShareService.Path;
        return path.StartsWith(ShareService.Path, StringComparison.Ordinal) ? path[ShareService.Path.Length..]
            : path.StartsWith(below, StringComparison.Ordinal) ? path[below.Length..]
            : null;
    }
}

using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Errors;
using Tarn.S3.Pipeline;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3;

/// <summary>Serves the requests of S3 listeners; registered by <see cref="S3Services"/>.</summary>
public sealed class S3Service
{
    private readonly S3Middleware _middleware;
    private readonly RequestIds _ids;
    private readonly S3Domains _domains;

    internal S3Service(S3Middleware middleware, RequestIds ids, S3Domains domains)
    {
        _middleware = middleware;
        _ids = ids;
        _domains = domains;
    }

    /// <summary>Serves one request.</summary>
    public Task HandleAsync(HttpContext context) => _middleware.InvokeAsync(context);

    /// <summary>Refuses a request with SlowDown, without serving it, when the server has no capacity for it.</summary>
    public Task RefuseBusyAsync(HttpContext context) => _middleware.InvokeAsync(context, Refusal.Busy());

    /// <summary>Refuses a request without serving it.</summary>
    public Task RefuseAsync(HttpContext context, S3Exception refusal) => _middleware.InvokeAsync(context, refusal);

    /// <summary>Answers a request that failed before it could be served, as one is that failed while it was.</summary>
    public Task FailAsync(HttpContext context, Exception failure) => _middleware.InvokeAsync(context, null, ExceptionDispatchInfo.Capture(failure));

    /// <summary>The refusal that stands for an exception in an answer; InternalError for a defect.</summary>
    public static S3Exception RefusalOf(Exception thrown) => Refusal.Of(thrown);

    /// <summary>Answers requests that the web server refuses while parsing them with S3's error document.</summary>
    /// <param name="events">The diagnostic source on which the web server reports its refusals.</param>
    /// <param name="isS3">Whether a connection with these features belongs to a listener for S3.</param>
    /// <param name="readsAll">Whether a request with these headers is from a page that may read every answer.</param>
    public IDisposable AnswerRefusals(DiagnosticListener events, Func<IFeatureCollection, bool> isS3, Func<IHeaderDictionary, bool> readsAll) =>
        AnswerRefusals(events, _ids, _domains, isS3, readsAll);

    /// <summary>As above, for a program that passes S3 requests on instead of serving them.</summary>
    /// <param name="events">The diagnostic source on which the web server reports its refusals.</param>
    /// <param name="ids">The ids of the answers.</param>
    /// <param name="domains">Find the bucket of a request.</param>
    /// <param name="isS3">Whether a connection with these features belongs to a listener for S3.</param>
    /// <param name="readsAll">Whether a request with these headers is from a page that may read every answer.</param>
    public static IDisposable AnswerRefusals(
        DiagnosticListener events, RequestIds ids, S3Domains domains, Func<IFeatureCollection, bool> isS3, Func<IHeaderDictionary, bool> readsAll)
    {
        ArgumentNullException.ThrowIfNull(events);
        return events.Subscribe(new KestrelRefusals(ids, domains, isS3, readsAll), static name => name == KestrelRefusals.EventName);
    }
}

using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Errors;
using Tarn.Core.Sharing;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Sharing;

/// <summary>Answers uses of share links that are refused or fail: pages of one sentence, for people.</summary>
internal sealed partial class ShareRefusals(ILogger<ShareService> log)
{
    /// <summary>Refuses a link that does not lead to a file.</summary>
    public static Task RefuseAsync(HttpContext http, ShareState state) => state switch
    {
        ShareState.Forged => WriteAsync(http, StatusCodes.Status403Forbidden, "This link is not valid."),
        ShareState.Expired => WriteAsync(http, StatusCodes.Status410Gone, "This link has expired."),
        ShareState.Revoked => WriteAsync(http, StatusCodes.Status410Gone, "This link has been revoked."),
        _ => WriteAsync(http, StatusCodes.Status404NotFound, "The file that this link leads to does not exist."),
    };

    /// <summary>Answers an exception, or cuts off an answer that has begun; returns the status for the audit log.</summary>
    public async Task<int> FailAsync(HttpContext http, Exception thrown)
    {
        if (http.RequestAborted.IsCancellationRequested)
        {
            return FinishedRequest.ClientClosedRequest;
        }

        if (DescriptorShortage.IsCauseOf(thrown))
        {
            thrown = Refusal.Of(thrown);
        }

        (int status, string text) = thrown switch
        {
            DamagedDataException => (StatusCodes.Status500InternalServerError, "The file is damaged on the server."),
            S3Exception { Error.Status: StatusCodes.Status304NotModified } => (StatusCodes.Status304NotModified, ""),
            S3Exception { Error.Status: StatusCodes.Status412PreconditionFailed } => (StatusCodes.Status412PreconditionFailed, "The file has changed."),
            S3Exception { Error.Status: StatusCodes.Status416RangeNotSatisfiable } => (StatusCodes.Status416RangeNotSatisfiable, "The requested range is outside the file."),
            S3Exception { Error.Status: StatusCodes.Status403Forbidden } => (StatusCodes.Status403Forbidden, "The server may not read the file that this link leads to."),
            S3Exception { Error.Status: StatusCodes.Status503ServiceUnavailable } => (StatusCodes.Status503ServiceUnavailable, "The file cannot be read at the moment. Try again."),
            _ => (StatusCodes.Status500InternalServerError, "The server failed."),
        };
        if (status == StatusCodes.Status500InternalServerError)
        {
            LogFailure(log, thrown);
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
        SharedHeaders.Protect(http.Response);
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
            return FinishedRequest.ClientClosedRequest;
        }

        return status;
    }

    /// <summary>Writes a page of one sentence, which repeats nothing from the request.</summary>
    public static async Task WriteAsync(HttpContext http, int status, string text)
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

    [LoggerMessage(EventIds.ShareLinkFailed, LogLevel.Error, "A share link failed")]
    private static partial void LogFailure(ILogger logger, Exception exception);
}

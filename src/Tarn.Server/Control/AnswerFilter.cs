using Tarn.Core.Blobs;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Control;

/// <summary>The outermost filter: writes what a handler returns, turns exceptions into refusals in the envelope, and logs changes and failures.</summary>
internal sealed partial class AnswerFilter(ILogger<AnswerFilter> logger) : IEndpointFilter
{
    /// <summary>The maximum length of a logged path, in characters: the sender chooses its length.</summary>
    private const int MaxLoggedPath = 256;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        try
        {
            object? answer = await next(context);
            await ((IResult)answer!).ExecuteAsync(http);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            (int status, string message) = Describe(e);
            if (status == StatusCodes.Status500InternalServerError)
            {
                LogFailed(logger, e, http.Request.Method, Path(http));
            }

            await Answers.WriteFailureAsync(http, status, message);
        }
        catch (OperationCanceledException)
        {
            // The client has disconnected: there is no one to answer.
            return Results.Empty;
        }

        if (!HttpMethods.IsGet(http.Request.Method))
        {
            LogChange(logger, ControlRequest.Of(http).Requester ?? "-", http.Request.Method, Path(http), http.Response.StatusCode);
        }

        return Results.Empty;
    }

    /// <summary>The path as it is logged. That of an unauthenticated sender is left out: anyone can send anything.</summary>
    private static string Path(HttpContext http) =>
        ControlRequest.Of(http).Requester is null || http.Request.Path.Value is not { } path ? "-"
        : path.Length <= MaxLoggedPath ? path
        : $"{path[..MaxLoggedPath]}…";

    private static (int Status, string Message) Describe(Exception e) => e switch
    {
        ControlRefusalException refusal => (refusal.Status, refusal.Message),
        IdentityRefusalException { Kind: IdentityRefusalKind.NotFound } => (StatusCodes.Status404NotFound, e.Message),
        IdentityRefusalException { Kind: IdentityRefusalKind.Conflict } => (StatusCodes.Status409Conflict, e.Message),
        IdentityRefusalException => (StatusCodes.Status400BadRequest, e.Message),
        DiskRefusedException => (StatusCodes.Status400BadRequest, e.Message),
        S3Exception s3 => (s3.Error.Status, s3.Message),
        BadHttpRequestException bad => (bad.StatusCode, bad.Message),
        StoreFailedException => (StatusCodes.Status503ServiceUnavailable, "the server's metadata store failed and accepts no writes until the server is restarted"),
        _ when DescriptorShortage.IsCauseOf(e) => (StatusCodes.Status503ServiceUnavailable, "the server is busy; try again"),
        StorageFullException => (StatusCodes.Status507InsufficientStorage, "the server's storage is full"),
        _ => (StatusCodes.Status500InternalServerError, "the server failed; its log says why"),
    };

    [LoggerMessage(EventIds.ControlChange, LogLevel.Information, "{Who} {Method} {Path}: {Status}")]
    private static partial void LogChange(ILogger logger, string who, string method, string path, int status);

    [LoggerMessage(EventIds.ControlFailed, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string path);
}

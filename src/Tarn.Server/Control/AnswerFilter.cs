using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Tarn.Core.Blobs;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Writing;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.Server.Auditing;
using Tarn.Server.Backups;

namespace Tarn.Server.Control;

/// <summary>The outermost filter: writes what a handler returns, turns exceptions into refusals in the envelope, and reports the outcome.</summary>
internal sealed class AnswerFilter(TimeProvider time, AuditLog audit, ILogger<AnswerFilter> logger) : IEndpointFilter
{
    /// <summary>The header of every answer with the id of the request, which the audit log has too.</summary>
    public const string RequestIdHeader = "x-request-id";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        http.Response.Headers[RequestIdHeader] = http.TraceIdentifier;
        DateTimeOffset started = time.GetUtcNow();
        long began = time.GetTimestamp();
        Exception? failure = null;
        bool isWhole = false;
        try
        {
            object? answer = await next(context);
            await ((IResult)answer!).ExecuteAsync(http);
            isWhole = true;
        }
        catch (Exception e) when (e is ConnectionResetException || (e is OperationCanceledException && http.RequestAborted.IsCancellationRequested))
        {
            // The client has disconnected: there is no one to answer.
        }
        catch (Exception e)
        {
            (int status, string message) = Describe(e);
            failure = status == StatusCodes.Status500InternalServerError ? e : null;
            isWhole = await RefuseAsync(http, status, message);
        }
        finally
        {
            ControlOutcome outcome = ControlOutcome.Of(http, isWhole, time.GetElapsedTime(began));
            ControlLog.Write(logger, outcome, failure);
            ControlSpan.Describe(Activity.Current, outcome);
            if (audit.IsOn)
            {
                ControlAudit.Write(audit, http, outcome, started);
            }
        }

        return Results.Empty;
    }

    /// <summary>Answers with a refusal; false if the client disconnected before its end.</summary>
    private static async Task<bool> RefuseAsync(HttpContext http, int status, string message)
    {
        try
        {
            await Answers.WriteFailureAsync(http, status, message);
            return true;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return false;
        }
    }

    private static (int Status, string Message) Describe(Exception e) => e switch
    {
        ControlRefusalException refusal => (refusal.Status, refusal.Message),
        IdentityRefusalException { Kind: IdentityRefusalKind.NotFound } => (StatusCodes.Status404NotFound, e.Message),
        IdentityRefusalException { Kind: IdentityRefusalKind.Conflict } => (StatusCodes.Status409Conflict, e.Message),
        IdentityRefusalException => (StatusCodes.Status400BadRequest, e.Message),
        BackupRefusedException backup => (backup.IsConflict ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest, backup.Message),
        DiskRefusedException => (StatusCodes.Status400BadRequest, e.Message),
        DiskChangeRefusedException change => (StatusOf(change.Reason), change.Message),
        S3Exception s3 => (s3.Error.Status, s3.Message),
        BadHttpRequestException bad => (bad.StatusCode, bad.Message),
        StoreFailedException => (StatusCodes.Status503ServiceUnavailable, "the server's metadata store failed and accepts no writes until the server is restarted"),
        StoreDamagedException or RecordFormatException => (
            StatusCodes.Status500InternalServerError, "the server's metadata store is damaged where this request reads it; its log says which file or row"),
        _ when DescriptorShortage.IsCauseOf(e) => (StatusCodes.Status503ServiceUnavailable, "the server is busy; try again"),
        DiskFullException => (StatusCodes.Status507InsufficientStorage, e.Message),
        StorageFullException => (StatusCodes.Status507InsufficientStorage, "the server's storage is full"),
        _ => (StatusCodes.Status500InternalServerError, "the server failed; its log says why"),
    };

    private static int StatusOf(DiskChangeRefusal reason) => reason switch
    {
        DiskChangeRefusal.Denied => StatusCodes.Status403Forbidden,
        DiskChangeRefusal.Absent => StatusCodes.Status404NotFound,
        DiskChangeRefusal.Conflict => StatusCodes.Status409Conflict,
        DiskChangeRefusal.TooLarge => StatusCodes.Status413PayloadTooLarge,
        DiskChangeRefusal.TooMany => StatusCodes.Status429TooManyRequests,
        _ => StatusCodes.Status400BadRequest,
    };
}

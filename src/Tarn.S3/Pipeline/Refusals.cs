using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tarn.Core.Errors;
using Tarn.S3.Access;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Pipeline;

/// <summary>Answers the requests that are refused or fail, and records why: denials for administrators, failures in the log.</summary>
internal sealed partial class Refusals(Denials denials, BucketRegion region, UnknownHosts hosts, ILogger<S3Middleware> logger)
{
    /// <summary>Answers an exception. False when the client is gone.</summary>
    /// <param name="request">The request, as far as it was resolved.</param>
    /// <param name="caller">The requester; null when the request was not authenticated.</param>
    /// <param name="ownerId">Canonical user id of the bucket's owner; null when no bucket was loaded.</param>
    /// <param name="answer">The answer, which may have begun.</param>
    /// <param name="thrown">What the request ended with.</param>
    public async Task<bool> AnswerAsync(S3Request request, S3Caller? caller, string? ownerId, S3Answer answer, Exception thrown)
    {
        caller?.AbandonBody();

        // The client is gone, or the server has cut the connection: the exception is only a consequence.
        if (request.CancellationToken.IsCancellationRequested)
        {
            return false;
        }

        S3Exception refusal = Refusal.Of(thrown);
        if (refusal is SignatureException { AccessKeyId: var claimed } && refusal.Error == S3Error.SignatureDoesNotMatch)
        {
            answer.ClaimedAccessKey = claimed;
        }

        if (refusal.Error.Status == StatusCodes.Status403Forbidden)
        {
            denials.Note(request, caller, ownerId, refusal);
        }

        if (refusal.Error == S3Error.InternalError)
        {
            LogFailure(logger, thrown, request.Operation?.Name ?? request.Method, request.Id);
        }
        else if (refusal.InnerException is { } cause && refusal.Error.Status == StatusCodes.Status503ServiceUnavailable)
        {
            LogUnavailable(logger, cause, request.Operation?.Name ?? request.Method, request.Id);
        }
        else if (answer.Http.HasStarted)
        {
            LogCutOff(logger, thrown, request.Operation?.Name ?? request.Method, request.Id);
        }

        try
        {
            await WriteAsync(request, answer, refusal);
            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client disconnected while the refusal was sent.
            return false;
        }
    }

    /// <summary>Writes a refusal as the answer.</summary>
    public async Task WriteAsync(S3Request request, S3Answer answer, S3Exception refusal)
    {
        // A refusal before the bucket was looked up still concerns that bucket.
        if (!answer.NamesRegion && refusal.Error.Status is < StatusCodes.Status500InternalServerError or StatusCodes.Status501NotImplemented
            && request.Address.Bucket is { } name)
        {
            await region.NameAsync(answer, name, request.CancellationToken);
        }

        await ErrorWriter.WriteAsync(request, answer, refusal.Error, refusal.Message + hosts.Explain(request, refusal.Error), refusal.Details, refusal.Headers);
    }

    [LoggerMessage(EventIds.RequestFailed, LogLevel.Error, "{Operation} failed; request {RequestId}")]
    private static partial void LogFailure(ILogger logger, Exception exception, string operation, string requestId);

    [LoggerMessage(EventIds.RequestUnavailable, LogLevel.Warning, "{Operation} is temporarily unavailable; request {RequestId}")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, string operation, string requestId);

    [LoggerMessage(EventIds.RequestCutOff, LogLevel.Warning, "{Operation} failed after its answer had begun, so the connection was cut; request {RequestId}")]
    private static partial void LogCutOff(ILogger logger, Exception exception, string operation, string requestId);
}

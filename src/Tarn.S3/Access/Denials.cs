using Microsoft.Extensions.Logging;
using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Policy;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Access;

/// <summary>Turns a denial into the refusal of the request, and records the reason.</summary>
internal sealed partial class Denials(DenialLog log, TimeProvider clock, ILogger<Denials> logger)
{
    public const string Anonymous = "anonymous";

    /// <summary>The refusal of a request, or of one key of it.</summary>
    public S3Exception Refuse(S3Caller caller, in Decided decided, string resource)
    {
        S3Exception refusal = Refuse(
            caller,
            KindOf(decided.Decision),
            AccessReason.Of(decided.Question, decided.Decision),
            decided.Question.Request.Action.Name(),
            resource,
            decided.Question.BucketOwnerId,
            decided.Decision);
        bool kept = decided.Decision.Ground == AccessGround.OutOfReach
            && ActionReach.Of(decided.Question.Request.Action) == Reach.OwnersOrganization;
        return kept ? new S3Exception(S3Error.MethodNotAllowed) : refusal;
    }

    /// <summary>The refusal of what S3 never accepts unsigned, whatever policies and lists say.</summary>
    public S3Exception RefuseAnonymous(S3Caller caller, AccessTarget target)
    {
        S3Operation operation = caller.Request.RequiredOperation;
        Refuse(caller, DenialKind.NotAllowed, "Copies and multipart uploads are closed to anonymous requests.", operation.Action, target.Arn, target.Bucket.OwnerId);
        return new S3Exception(S3Error.AccessDenied, $"Anonymous users cannot {operation.ClosedToAnonymous}. Please authenticate.");
    }

    /// <summary>The refusal of a request for another reason than policies and lists.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="kind">What denied it.</param>
    /// <param name="reason">Sentences.</param>
    /// <param name="action">The policy action that was needed, if one was.</param>
    /// <param name="resource">ARN of what it was needed on.</param>
    /// <param name="ownerId">Owner of that; null when it is nobody's, or not known.</param>
    /// <param name="decision">What <see cref="AccessEvaluator"/> decided, if it was asked.</param>
    public S3Exception Refuse(
        S3Caller caller, DenialKind kind, string reason, string? action = null, string? resource = null, string? ownerId = null,
        AccessDecision? decision = null)
    {
        S3Request request = caller.Request;
        string principal = caller.Principal?.Arn ?? Anonymous;
        log.Add(new Denial(request.Id, clock.GetUtcNow(), kind, principal, caller.Principal?.AccessKeyId, request.Operation?.Name, reason)
        {
            Action = action,
            Resource = resource,
            OwnerId = ownerId,
            RequesterId = caller.Principal?.OwnerId,
            Decision = decision,
        });
        LogDenied(logger, principal, action, resource, reason, request.Id);
        return new S3Exception(S3Error.AccessDenied);
    }

    /// <summary>Refuses a request that was let through, for a reason that its operation found.</summary>
    /// <inheritdoc cref="Refuse(S3Caller, DenialKind, string, string?, string?, string?, AccessDecision?)"/>
    public S3Exception Refuse(S3Context context, DenialKind kind, string reason, string? action = null, string? resource = null) =>
        Refuse(context.Caller, kind, reason, action, resource, context.FoundBucket?.OwnerId);

    /// <summary>Records a refusal that was not made here. A request keeps the first reason that was recorded for it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="caller">Who asks; null when the request does not prove who sent it.</param>
    /// <param name="ownerId">Canonical user id of the bucket's owner; null when the request was not let through to a bucket.</param>
    /// <param name="refusal">What the request is answered.</param>
    public void Note(S3Request request, S3Caller? caller, string? ownerId, S3Exception refusal)
    {
        // The signatures of chunks are verified only while the operation reads them.
        log.Add(caller is null || SignatureDenial.IsAbout(refusal)
            ? SignatureDenial.Of(request, refusal, clock.GetUtcNow())
            : new Denial(
                request.Id, clock.GetUtcNow(), DenialKind.Other, caller.Principal?.Arn, caller.Principal?.AccessKeyId, request.Operation?.Name,
                refusal.Message)
            {
                OwnerId = ownerId, RequesterId = caller.Principal?.OwnerId,
            });
    }

    private static DenialKind KindOf(AccessDecision decision) => decision.Ground switch
    {
        AccessGround.OrganizationPolicy => DenialKind.OrganizationPolicy,
        AccessGround.RequesterPolicy => DenialKind.RequesterPolicy,
        AccessGround.BucketPolicy => DenialKind.BucketPolicy,
        AccessGround.PublicAccessBlock => DenialKind.PublicAccessBlock,
        _ => DenialKind.NotAllowed,
    };

    [LoggerMessage(EventIds.RequestDenied, LogLevel.Debug, "Denied {Principal} {Action} on {Resource}: {Reason} Request {RequestId}")]
    private static partial void LogDenied(ILogger logger, string principal, string? action, string? resource, string reason, string requestId);
}

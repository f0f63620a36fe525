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
            DenialKinds.Of(decided.Decision.Ground),
            AccessReason.Of(decided.Question, decided.Decision),
            decided.Question.Request.Action.Name(),
            resource,
            decided.Question.BucketOwnerId,
            decided.Decision);
        bool kept = decided.Decision.Ground == AccessGround.OutOfReach
            && ActionReach.Of(decided.Question.Request.Action) == Reach.OwnersOrganization;
        return kept ? new S3Exception(S3Error.MethodNotAllowed) : refusal;
    }

    /// <summary>The refusal of an operation that S3 never allows anonymously, whatever policies and ACLs allow.</summary>
    public S3Exception RefuseAnonymous(S3Caller caller, AccessTarget target)
    {
        S3Operation operation = caller.Request.RequiredOperation;
        Refuse(caller, DenialKind.NotAllowed, "Copies and multipart uploads are closed to anonymous requests.", operation.Action, target.Arn, target.Bucket.OwnerId);
        return new S3Exception(S3Error.AccessDenied, $"Anonymous users cannot {operation.ClosedToAnonymous}. Please authenticate.");
    }

    /// <summary>The refusal of a request for a reason other than policies and ACLs.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="kind">The kind of rule that denied it.</param>
    /// <param name="reason">Sentences.</param>
    /// <param name="action">The policy action that was needed, if one was.</param>
    /// <param name="resource">ARN of the resource on which it was needed.</param>
    /// <param name="ownerId">The resource's owner; null when it has none or it is not known.</param>
    /// <param name="decision">The decision of <see cref="AccessEvaluator"/>, if there was one.</param>
    public S3Exception Refuse(
        S3Caller caller, DenialKind kind, string reason, string? action = null, string? resource = null, string? ownerId = null,
        AccessDecision? decision = null)
    {
        S3Request request = caller.Request;
        string principal = caller.Principal?.Arn ?? Anonymous;
        resource = resource is null ? null : ShareTokens.CutOff(resource);
        log.Add(new Denial(request.Id, clock.GetUtcNow(), kind, reason)
        {
            Principal = principal,
            AccessKeyId = caller.Principal?.AccessKeyId,
            ParentKey = caller.Principal?.Session?.ParentKey,
            Operation = request.Operation?.Name,
            Action = action,
            Resource = resource,
            OwnerId = ownerId,
            RequesterId = caller.Principal?.OwnerId,
            UserId = caller.Principal?.UserId,
            Decision = decision,
        });
        LogDenied(logger, principal, action, resource, reason, request.Id);
        return new S3Exception(S3Error.AccessDenied);
    }

    /// <summary>The refusal of an authorized request for a reason that its operation found.</summary>
    /// <inheritdoc cref="Refuse(S3Caller, DenialKind, string, string?, string?, string?, AccessDecision?)"/>
    public S3Exception Refuse(S3Context context, DenialKind kind, string reason, string? action = null, string? resource = null) =>
        Refuse(context.Caller, kind, reason, action, resource, context.FoundBucket?.OwnerId);

    /// <summary>Records a refusal that was not created here. The first reason recorded for a request is kept.</summary>
    /// <param name="request">The request.</param>
    /// <param name="caller">The requester; null when authentication failed.</param>
    /// <param name="ownerId">Canonical user id of the bucket's owner; null when no bucket was loaded.</param>
    /// <param name="refusal">The error sent to the client.</param>
    public void Note(S3Request request, S3Caller? caller, string? ownerId, S3Exception refusal)
    {
        // Chunk signatures are verified only while the operation reads the body.
        log.Add(caller is null || SignatureDenial.IsAbout(refusal)
            ? SignatureDenial.Of(request, refusal, clock.GetUtcNow())
            : new Denial(request.Id, clock.GetUtcNow(), DenialKind.Other, refusal.Message)
            {
                Principal = caller.Principal?.Arn,
                AccessKeyId = caller.Principal?.AccessKeyId,
                ParentKey = caller.Principal?.Session?.ParentKey,
                Operation = request.Operation?.Name,
                OwnerId = ownerId,
                RequesterId = caller.Principal?.OwnerId,
                UserId = caller.Principal?.UserId,
            });
    }

    [LoggerMessage(EventIds.RequestDenied, LogLevel.Debug, "Denied {Principal} {Action} on {Resource}: {Reason} Request {RequestId}")]
    private static partial void LogDenied(ILogger logger, string principal, string? action, string? resource, string reason, string requestId);
}

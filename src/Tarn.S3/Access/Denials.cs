using Microsoft.Extensions.Logging;
using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Policy;
using Tarn.S3.Pipeline;
using Tarn.S3.Routing;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Access;

/// <summary>Turns a decision against a request into its refusal, and keeps why.</summary>
internal sealed partial class Denials(DenialLog log, TimeProvider clock, ILogger<Denials> logger)
{
    public const string Anonymous = "anonymous";

    /// <summary>The refusal of a request, or of one key of it.</summary>
    public S3Exception Refuse(S3Context context, in Decided decided, string resource)
    {
        S3Exception refusal = Refuse(
            context,
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
    public S3Exception RefuseUnsigned(S3Context context, string resource)
    {
        S3Operation operation = context.Operation!;
        Refuse(context, DenialKind.NotAllowed, "Copies and multipart uploads are closed to anonymous requests.", operation.Action, resource);
        return new S3Exception(S3Error.AccessDenied, $"Anonymous users cannot {operation.ClosedToAnonymous}. Please authenticate.");
    }

    /// <summary>The refusal of a request for another reason than policies and lists.</summary>
    /// <param name="context">The request.</param>
    /// <param name="kind">What denied it.</param>
    /// <param name="reason">Sentences.</param>
    /// <param name="action">The policy action that was needed, if one was.</param>
    /// <param name="resource">ARN of what it was needed on.</param>
    /// <param name="ownerId">Owner of that; null: the owner of the request's bucket.</param>
    /// <param name="decision">What <see cref="AccessEvaluator"/> decided, if it was asked.</param>
    public S3Exception Refuse(
        S3Context context, DenialKind kind, string reason, string? action = null, string? resource = null, string? ownerId = null,
        AccessDecision? decision = null)
    {
        string principal = context.Principal?.Arn ?? Anonymous;
        log.Add(new Denial(
            context.RequestId, clock.GetUtcNow(), kind, principal, context.Principal?.AccessKeyId, context.Operation?.Name, reason)
        {
            Action = action,
            Resource = resource,
            OwnerId = ownerId ?? context.FoundBucket?.OwnerId,
            RequesterId = context.Principal?.OwnerId,
            Decision = decision,
        });
        LogDenied(logger, principal, action, resource, reason, context.RequestId);
        return new S3Exception(S3Error.AccessDenied);
    }

    /// <summary>Takes down a refusal that came from elsewhere; what is known of the request already stays.</summary>
    public void Note(S3Context context, S3Exception refusal)
    {
        // The signature of a form is inside its body, so that its operation verifies it.
        bool signature = SignatureDenial.IsAbout(refusal);
        log.Add(signature
            ? SignatureDenial.Of(context, refusal, clock.GetUtcNow())
            : new Denial(
                context.RequestId, clock.GetUtcNow(), DenialKind.Other, context.Principal?.Arn, context.Principal?.AccessKeyId,
                context.Operation?.Name, refusal.Message)
            {
                OwnerId = context.FoundBucket?.OwnerId, RequesterId = context.Principal?.OwnerId,
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

using Microsoft.Extensions.Logging;
using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Policy;
using Tarn.S3.Pipeline;

namespace Tarn.S3.Access;

/// <summary>Turns a decision against a request into its refusal, and keeps why.</summary>
internal sealed partial class Denials(DenialLog log, TimeProvider clock, ILogger<Denials> logger)
{
    public const string Anonymous = "anonymous";

    /// <summary>The refusal of a request, or of one key of it.</summary>
    public S3Exception Refuse(S3Context context, AccessDecision decision, S3Action action, string resource) =>
        Refuse(context, KindOf(decision), ReasonOf(decision), action.Name(), resource, StatementOf(decision));

    /// <summary>The refusal of a request for another reason than policies and lists.</summary>
    public S3Exception Refuse(S3Context context, DenialKind kind, string reason, string? action = null, string? resource = null, string? statement = null)
    {
        string principal = context.Principal?.Arn ?? Anonymous;
        log.Add(new Denial(
            context.RequestId, clock.GetUtcNow(), kind, principal, context.Principal?.AccessKeyId, context.Operation?.Name, reason)
        {
            Action = action, Resource = resource, Statement = statement,
        });
        LogDenied(logger, principal, action, resource, reason, context.RequestId);
        return new S3Exception(S3Error.AccessDenied);
    }

    /// <summary>Takes down a refusal that came from elsewhere; what is known of the request already stays.</summary>
    public void Note(S3Context context, S3Exception refusal) => log.Add(new Denial(
        context.RequestId, clock.GetUtcNow(), DenialKind.Other, context.Principal?.Arn, context.Principal?.AccessKeyId,
        context.Operation?.Name, refusal.Message));

    private static DenialKind KindOf(AccessDecision decision) => decision.Ground switch
    {
        AccessGround.OrganizationPolicy => DenialKind.OrganizationPolicy,
        AccessGround.BucketPolicy => DenialKind.BucketPolicy,
        AccessGround.PublicAccessBlock => DenialKind.PublicAccessBlock,
        _ => DenialKind.NotAllowed,
    };

    private static string ReasonOf(AccessDecision decision) => decision.Ground switch
    {
        AccessGround.OrganizationPolicy => $"An organization policy denies it: {decision.Verdict}.",
        AccessGround.BucketPolicy => $"The bucket policy denies it: {decision.Verdict}.",
        AccessGround.PublicAccessBlock =>
            $"The bucket policy would allow it ({decision.Verdict}), but it is public and RestrictPublicBuckets keeps it to the owner's organization.",
        _ => "Nothing allows it: no organization policy of the bucket's owner, no bucket policy and no access control list that counts.",
    };

    private static string? StatementOf(AccessDecision decision) => decision.Verdict.Outcome == PolicyOutcome.NoMatch
        ? null
        : decision.Verdict.Sid ?? decision.Verdict.Statement.ToString(System.Globalization.CultureInfo.InvariantCulture);

    [LoggerMessage(1201, LogLevel.Debug, "Denied {Principal} {Action} on {Resource}: {Reason} Request {RequestId}")]
    private static partial void LogDenied(ILogger logger, string principal, string? action, string? resource, string reason, string requestId);
}

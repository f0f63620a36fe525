using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Access;

/// <summary>
/// Decides about operations on the requester's own organization, listing its buckets and creating one: see
/// <see cref="OperationScope.Organization"/>.
/// </summary>
internal sealed class OrganizationAccess(AccessDecider decider, Denials denials, TimeProvider clock)
{
    /// <summary>Refuses the request unless the requester has the permissions that its operation and its headers need.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask ThrowIfDeniedAsync(S3Caller caller)
    {
        S3Action action = caller.Request.RequiredOperation.Permission(versioned: false).Action;
        Principal principal = caller.Principal
            ?? throw denials.Refuse(caller, DenialKind.NotAllowed, "An anonymous request has no organization.", action.Name());
        OrganizationPolicies policies = await decider.PoliciesOfAsync(principal, caller.Request.CancellationToken);
        bool conditional = policies.Policies.Count > 0 || principal.HasOwnRules;
        IConditionSource conditions = conditional ? new RequestConditions(caller, clock, null, null) : NoConditions.Instance;
        await ThrowIfDeniedAsync(action);
        if (action == S3Action.CreateBucket)
        {
            if (AclHeaders.Any(caller.Request.Headers))
            {
                await ThrowIfDeniedAsync(S3Action.PutBucketAcl);
            }

            if (caller.Request.Headers.ContainsKey("x-amz-object-ownership"))
            {
                await ThrowIfDeniedAsync(S3Action.PutBucketOwnershipControls);
            }
        }

        ValueTask ThrowIfDeniedAsync(S3Action asked)
        {
            string bucket = caller.Request.Address.Bucket ?? "";
            Decided decided = AccessDecider.DecideOwn(principal, asked, bucket, policies, conditions, conditional ? caller.DecisionScope : null);
            return decided.Decision.Allowed ? default : throw denials.Refuse(caller, decided, bucket.Length == 0 ? "*" : $"arn:aws:s3:::{bucket}");
        }
    }
}

using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Access;

/// <summary>Creates the request's values for policy conditions once the object is known.</summary>
internal interface IConditionFactory
{
    /// <param name="stored">The object as it is stored, where a policy asks for its tags; null when there is none.</param>
    IConditionSource For(StoredObject? stored);

    /// <summary>What the decisions about the request share.</summary>
    DecisionScope Scope { get; }
}

/// <summary>A decision and everything it was based on.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Question">What was asked.</param>
/// <param name="Looked">Whether the object had to be read.</param>
/// <param name="Stored">The object; null when there is none, or it did not matter.</param>
internal readonly record struct Decided(AccessDecision Decision, AccessQuestion Question, bool Looked, StoredObject? Stored);

/// <summary>
/// Loads only what a decision needs, and decides. Requests and explanations both come through here, so that they cannot
/// disagree.
/// </summary>
internal sealed class AccessDecider(ObjectReader reader, IOrganizationPolicySource organizations)
{
    /// <summary>Decides about a bucket or something in it.</summary>
    /// <param name="principal">Who asks; null: anonymous.</param>
    /// <param name="target">The bucket or object.</param>
    /// <param name="permission">The permission needed.</param>
    /// <param name="conditions">The request's side of conditions; used only where there is a policy.</param>
    /// <param name="stored">The object as it was just read; null to have it read where it matters.</param>
    /// <param name="creates">Whether the request creates the object: the owner of the one that it replaces does not matter.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    public async ValueTask<Decided> DecideAsync<TConditions>(
        Principal? principal, AccessTarget target, Permission permission, TConditions conditions, StoredObject? stored, bool creates,
        CancellationToken cancellationToken)
        where TConditions : IConditionFactory
    {
        (Bucket bucket, BucketAccess access, ObjectKey key, string? version) = target;
        OrganizationPolicies owner = await organizations.FindAsync(bucket.OwnerId, cancellationToken);
        OrganizationPolicies? requester = principal is null || principal.OwnerId == bucket.OwnerId
            ? null
            : await organizations.FindAsync(principal.OwnerId, cancellationToken);
        bool tags = access.Policy is { } policy && (policy.NeedsObjectTags(permission.Action)
            || (permission.Alternative is { } alternative && policy.NeedsObjectTags(alternative)))
            || KeyPolicies.NeedsObjectTags(principal, permission.Action, permission.Alternative)
            || SessionRules.NeedsObjectTags(principal, permission.Action, permission.Alternative);
        bool lists = access.TakesAcls && !creates && AclRight.ConcernsStoredObject(permission.Action);
        bool looks = key.Utf8.Length > 0 && stored is null && (tags || lists);
        if (looks)
        {
            stored = await reader.FindAsync(bucket, key, version, cancellationToken);
        }

        bool conditional = access.Policy is not null || owner.Policies.Count > 0 || requester is { Policies.Count: > 0 }
            || principal is { HasOwnRules: true };
        var question = new AccessQuestion
        {
            Request = new PolicyRequest(
                permission.Action, bucket.Name.Value, key.Utf8, principal, conditional ? conditions.For(stored) : NoConditions.Instance)
            {
                Scope = conditional ? conditions.Scope : null,
            },
            Alternative = permission.Alternative,
            BucketOwnerId = bucket.OwnerId,
            ObjectOwnerId = lists ? stored?.OwnerId : null,
            Bucket = access,
            ObjectAcl = lists ? stored?.Metadata.Acl : null,
            OwnerPolicies = owner,
            RequesterPolicies = requester,
        };
        AccessDecision decision = AccessEvaluator.Decide(question);
        if (decision is { Allowed: true, Ground: AccessGround.AccessControlList } && !creates
            && AclRight.ReplacesOnlyOwn(permission.Action) && key.Utf8.Length > 0
            && await reader.FindAsync(bucket, key, cancellationToken) is { } replaced
            && replaced.OwnerId != OwnerToReplace(principal, bucket))
        {
            decision = AccessDecision.Deny(AccessGround.ForeignObject) with { Grant = decision.Grant };
        }

        return new Decided(decision, question, looks, stored);
    }

    /// <summary>The only owner whose objects an allowed request may replace or delete; null when any owner's may be.</summary>
    public static string? OnlyOver(AccessDecision decision, S3Action action, Principal? principal, Bucket bucket) =>
        decision.Ground == AccessGround.AccessControlList && AclRight.ReplacesOnlyOwn(action) ? OwnerToReplace(principal, bucket) : null;

    /// <summary>
    /// The owner whose objects a requester may replace and delete by the grants of a bucket's list. Users of the bucket owner's organization
    /// are not the owner, nor are workloads that of what their organization owns. As in S3, all anonymous requests share one owner.
    /// </summary>
    private static string OwnerToReplace(Principal? principal, Bucket bucket) =>
        principal is { IsWorkload: true } || (principal is { IsRootUser: false } && principal.OwnerId == bucket.OwnerId) ? "" : UploadAccess.Requester(principal).Id;

    /// <summary>A denial when nothing can allow the requester any of the permissions anywhere in the bucket; null when something might.</summary>
    public async ValueTask<Decided?> DenyHopelessAsync(
        Principal? principal, AccessTarget target, Permission[] permissions, CancellationToken cancellationToken)
    {
        OrganizationPolicies owner = await organizations.FindAsync(target.Bucket.OwnerId, cancellationToken);
        AccessQuestion question = default;
        bool byKey = true, bySession = true;
        foreach (Permission permission in permissions)
        {
            question = new AccessQuestion
            {
                Request = new PolicyRequest(
                    permission.Action, target.Bucket.Name.Value, target.Key.Utf8, principal, NoConditions.Instance),
                Alternative = permission.Alternative,
                BucketOwnerId = target.Bucket.OwnerId,
                Bucket = target.Access,
                OwnerPolicies = owner,
            };
            if (AccessEvaluator.MightAllow(question))
            {
                return null;
            }

            byKey &= !KeyPolicies.MightAllow(question);
            bySession &= !SessionRules.MightAllow(question);
        }

        // The policy of key or session is the reason where it excludes every permission.
        AccessGround ground = byKey ? AccessGround.KeyPolicy : bySession ? AccessGround.SessionPolicy : AccessGround.Nothing;
        return new Decided(AccessDecision.Deny(ground), question, Looked: false, Stored: null);
    }

    /// <summary>The policies that <see cref="DecideOwn"/> evaluates.</summary>
    public ValueTask<OrganizationPolicies> PoliciesOfAsync(Principal principal, CancellationToken cancellationToken) =>
        organizations.FindAsync(principal.OwnerId, cancellationToken);

    /// <summary>Decides about operations on the requester's own organization: listing its buckets and creating one.</summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="action">What.</param>
    /// <param name="bucket">The name of the bucket to create; empty for none.</param>
    /// <param name="policies">Of the organization.</param>
    /// <param name="conditions">The request's side of conditions.</param>
    /// <param name="scope">What the decisions about the request share; null without policies.</param>
    public static Decided DecideOwn(
        Principal principal, S3Action action, string bucket, OrganizationPolicies policies, IConditionSource conditions, DecisionScope? scope)
    {
        var question = new AccessQuestion
        {
            Request = new PolicyRequest(action, bucket, default, principal, conditions) { Scope = scope },
            BucketOwnerId = principal.OwnerId,
            Bucket = BucketAccess.None,
            OwnerPolicies = policies,
        };
        return new Decided(AccessEvaluator.Decide(question), question, Looked: false, Stored: null);
    }

    /// <summary>Whether something could allow a requester an operation on its own organization, whatever the bucket is called and the request says.</summary>
    public async ValueTask<bool> MightOwnAsync(Principal principal, S3Action action, CancellationToken cancellationToken) => AccessEvaluator.MightAllow(new AccessQuestion
    {
        Request = new PolicyRequest(action, "", default, principal, NoConditions.Instance),
        BucketOwnerId = principal.OwnerId,
        Bucket = BucketAccess.None,
        OwnerPolicies = await PoliciesOfAsync(principal, cancellationToken),
    });

    /// <summary>Denies a request that nothing can ever allow, without any further look-ups.</summary>
    public static Decided DenyStranger(Principal? principal, AccessTarget target, Permission permission) => new(
        AccessDecision.Deny(AccessGround.Nothing),
        new AccessQuestion
        {
            Request = new PolicyRequest(permission.Action, target.Bucket.Name.Value, target.Key.Utf8, principal, NoConditions.Instance),
            BucketOwnerId = target.Bucket.OwnerId,
            Bucket = target.Access,
            OwnerPolicies = OrganizationPolicies.None,
        },
        Looked: false,
        Stored: null);
}

using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Access;

/// <summary>A question to explain: may this principal perform this action on this bucket or object?</summary>
/// <param name="Principal">Who asks; null: anonymous.</param>
/// <param name="Action">What.</param>
/// <param name="Context">The assumed values of condition keys; <see cref="AccessExplainer"/> sets <see cref="GivenConditions.Rest"/>.</param>
public sealed record AccessQuery(Principal? Principal, S3Action Action, GivenConditions Context)
{
    /// <summary>The object; default for the bucket itself.</summary>
    public ObjectKey Key { get; init; }

    /// <summary>The version that the request names; null: none.</summary>
    public string? Version { get; init; }
}

/// <summary>A decision in words.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Reason">Sentences, for administrators of the bucket's owner.</param>
/// <param name="Asked">The condition keys that policies asked for, with the values they got; a null value: the key had none.</param>
public sealed record AccessExplanation(AccessDecision Decision, string Reason, IReadOnlyDictionary<string, string?> Asked);

/// <summary>Explains what would be decided about a request, and why, with the code that decides requests.</summary>
public sealed class AccessExplainer
{
    private readonly BucketCatalog _buckets;
    private readonly AccessDecider _decider;
    private readonly TimeProvider _clock;
    private readonly Func<S3Action, Permission> _permission;

    /// <param name="permission">The permission that is needed for an action by its name.</param>
    internal AccessExplainer(BucketCatalog buckets, AccessDecider decider, TimeProvider clock, Func<S3Action, Permission> permission)
    {
        _buckets = buckets;
        _decider = decider;
        _clock = clock;
        _permission = permission;
    }

    /// <summary>Finds the bucket that a question is about; null when it does not exist.</summary>
    public ValueTask<Bucket?> FindBucketAsync(BucketName name, CancellationToken cancellationToken) => _buckets.FindAsync(name, cancellationToken);

    /// <summary>Explains access to a bucket or to an object in it.</summary>
    public async ValueTask<AccessExplanation> ExplainAsync(AccessQuery query, Bucket bucket, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        BucketAccess access = await BucketAccess.LoadAsync(_buckets, bucket, cancellationToken);
        Decided decided = await _decider.DecideAsync(
            query.Principal, new AccessTarget(bucket, access, query.Key, query.Version), _permission(query.Action),
            new Supposed(query, _clock), stored: null, creates: false, cancellationToken);
        string missing = decided is { Looked: true, Stored: null, Decision.Allowed: false } ? " There is no such object." : "";
        return Explain(query, decided, missing);
    }

    /// <summary>Explains the actions on the principal's own organization: <c>s3:ListAllMyBuckets</c> and <c>s3:CreateBucket</c>.</summary>
    /// <param name="query">The question; it must have a principal.</param>
    /// <param name="bucket">The name of the bucket to create; empty for none.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    public async ValueTask<AccessExplanation> ExplainOwnAsync(AccessQuery query, string bucket, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        Principal principal = query.Principal ?? throw new ArgumentException("An anonymous requester has no organization.", nameof(query));
        OrganizationPolicies policies = await _decider.PoliciesOfAsync(principal, cancellationToken);
        return Explain(query, AccessDecider.DecideOwn(principal, query.Action, bucket, policies, new Supposed(query, _clock).For(null), null), "");
    }

    private static AccessExplanation Explain(AccessQuery query, in Decided decided, string more) => new(
        decided.Decision, AccessReason.Of(decided.Question, decided.Decision) + more, query.Context.Asked);

    /// <summary>Values for keys that the query does not give: the time, the stored tags and the signature that every request has.</summary>
    private readonly struct Supposed(AccessQuery query, TimeProvider clock) : IConditionFactory
    {
        public DecisionScope Scope { get; } = new();

        public IConditionSource For(StoredObject? stored)
        {
            query.Context.Rest = new Known(query, clock.GetUtcNow(), stored);
            return query.Context;
        }
    }

    private sealed class Known(AccessQuery query, DateTimeOffset now, StoredObject? stored) : IConditionSource
    {
        public ConditionValue Get(ConditionKey key, string? tagKey) => key switch
        {
            ConditionKey.CurrentTime => ConditionValue.Of(now),
            ConditionKey.VersionId => ConditionValue.Of(query.Version),
            ConditionKey.AuthType => ConditionValue.Of(query.Principal is null ? null : "REST-HEADER"),
            ConditionKey.SignatureVersion => ConditionValue.Of(query.Principal is null ? null : SigV4Signer.Algorithm),
            ConditionKey.ExistingObjectTag => ConditionValue.Of(
                stored is null || tagKey is null ? null : TagSet.FromStorage(stored.Metadata.Tags).Find(tagKey)),
            _ => default,
        };
    }
}

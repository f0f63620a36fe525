using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Policy;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Access;

/// <summary>
/// Decides about single permissions of a request: the one that its operation needs, and those that depend on its headers, its body or what
/// it finds.
/// </summary>
internal sealed class AccessChecks(AccessDecider decider, Denials denials, TimeProvider clock) : IAccessChecks
{
    /// <summary>Decides whether the requester has a permission.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="target">The bucket or object.</param>
    /// <param name="permission">The permission needed.</param>
    /// <param name="stored">The object as it was just read; null to have it read where it matters.</param>
    /// <param name="creates">Whether the request creates the object: the owner of the one that it replaces does not matter.</param>
    public ValueTask<Decided> DecideAsync(
        S3Caller caller, AccessTarget target, Permission permission, StoredObject? stored = null, bool creates = false) =>
        decider.DecideAsync(
            caller.Principal, target, permission, new OfRequest(caller, clock, target.Version), stored, creates, caller.Request.CancellationToken);

    /// <summary>Refuses the request unless the requester has a permission.</summary>
    /// <inheritdoc cref="DecideAsync"/>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask<AccessDecision> ThrowIfDeniedAsync(
        S3Caller caller, AccessTarget target, Permission permission, StoredObject? stored = null, bool creates = false)
    {
        Decided decided = await DecideAsync(caller, target, permission, stored, creates);
        return decided.Decision.Allowed ? decided.Decision : throw denials.Refuse(caller, decided, target.Arn);
    }

    public ValueTask<bool> MayListAsync(S3Context context) =>
        MayListAsync(context.Caller, new AccessTarget(context.RequiredBucket, context.FoundAccess, context.Key));

    /// <summary>
    /// Whether the requester may list the target's bucket with its key as the prefix: a permission to list other keys does not reveal this one.
    /// </summary>
    public async ValueTask<bool> MayListAsync(S3Caller caller, AccessTarget target)
    {
        Decided decided = await decider.DecideAsync(
            caller.Principal, target with { Key = default, Version = null }, new Permission(S3Action.ListBucket),
            new OfRequest(caller, clock, null, target.Key), stored: null, creates: false, caller.Request.CancellationToken);
        return decided.Decision.Allowed;
    }

    public S3Exception MissingObjectDenial(S3Context context, AccessTarget target) => denials.Refuse(
        context.Caller, DenialKind.NotAllowed, "There is no such object; the requester may not list the bucket, so the answer does not say that it is missing.",
        S3Action.ListBucket.Name(), target.Arn, target.Bucket.OwnerId);

    public async ValueTask ThrowIfReplacementDeniedAsync(S3Context context, StoredObject found)
    {
        if (context.LookedForObject && (context.DecidedOn is null || !found.IsSameVersionAs(context.DecidedOn)))
        {
            string? version = context.Query["versionId"];
            var target = new AccessTarget(context.RequiredBucket, context.FoundAccess, context.Key, version);
            await ThrowIfDeniedAsync(context.Caller, target, context.Request.RequiredOperation.Permission(version is not null), found);
        }
    }

    /// <summary>Refuses a request that cannot be allowed whatever its body holds, before the body is read.</summary>
    public async ValueTask ThrowIfAllDeniedAsync(S3Caller caller, AccessTarget target, Permission[] permissions)
    {
        if (await decider.DenyHopelessAsync(caller.Principal, target, permissions, caller.Request.CancellationToken) is { } denied)
        {
            throw denials.Refuse(caller, denied, target.Arn);
        }
    }

    /// <param name="listed">The prefix of the listing, when the question is whether the requester might list; default for none.</param>
    private readonly struct OfRequest(S3Caller caller, TimeProvider clock, string? version, ObjectKey listed = default) : IConditionFactory
    {
        public DecisionScope Scope => caller.DecisionScope;

        public IConditionSource For(StoredObject? stored) => new RequestConditions(caller, clock, stored, version, listed);
    }
}

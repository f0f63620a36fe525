using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.Objects;
using Tarn.Core.Policy;
using Tarn.S3.Access;
using Tarn.S3.Jobs;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Archives;

/// <summary>What the requester of an archive may do with a bucket.</summary>
/// <param name="decider">Decides, as for S3 requests.</param>
/// <param name="origin">The conditions of the request that was sent.</param>
/// <param name="principal">Who sent it, as they are now.</param>
/// <param name="decisions">What the decisions for the archive share.</param>
/// <param name="permission">The permission that is needed for an action by its name.</param>
/// <param name="clock">The server's.</param>
internal sealed class ArchiveRights(AccessDecider decider, JobOrigin origin, Principal principal, ArchiveDecisions decisions, Func<S3Action, Permission> permission, TimeProvider clock)
{
    public Principal Principal => principal;

    /// <summary>Whether they may read an object.</summary>
    /// <param name="target">Its key.</param>
    /// <param name="stored">The object as it was found.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    public ValueTask<bool> MayReadAsync(AccessTarget target, StoredObject stored, CancellationToken cancellationToken) =>
        AllowAsync(target, S3Action.GetObject, default, decisions.ForObject(), stored, cancellationToken);

    /// <summary>Whether they may list keys that begin with something.</summary>
    public ValueTask<bool> MayListAsync(AccessTarget bucket, string prefix, CancellationToken cancellationToken) =>
        AllowAsync(bucket, S3Action.ListBucket, new JobFacts { Prefix = prefix }, decisions.ForListing(), null, cancellationToken);

    private async ValueTask<bool> AllowAsync(AccessTarget target, S3Action action, JobFacts facts, DecisionScope scope, StoredObject? stored, CancellationToken cancellationToken) =>
        (await decider.DecideAsync(principal, target, permission(action), new JobConditions(origin, facts, clock, scope), stored, creates: false, cancellationToken)).Decision.Allowed;
}

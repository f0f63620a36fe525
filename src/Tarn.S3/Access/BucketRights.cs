using Microsoft.AspNetCore.Http;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.Objects;
using Tarn.Core.Policy;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Access;

/// <summary>
/// Decides whether a requester of another API may do something with a bucket, with the code that decides S3 requests and the conditions of the request that was sent.
/// </summary>
public sealed class BucketRights
{
    private readonly BucketCatalog _buckets;
    private readonly AccessDecider _decider;
    private readonly TimeProvider _clock;
    private readonly Func<S3Action, Permission> _permission;

    /// <param name="permission">The permission that is needed for an action by its name.</param>
    internal BucketRights(BucketCatalog buckets, AccessDecider decider, TimeProvider clock, Func<S3Action, Permission> permission)
    {
        _buckets = buckets;
        _decider = decider;
        _clock = clock;
        _permission = permission;
    }

    /// <summary>Whether a requester may perform an action on a bucket.</summary>
    /// <param name="http">The request that was sent, authenticated by a token, by a signature in its headers or by the cookie of a session of the console.</param>
    /// <param name="principal">Who sent it.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="action">An action on buckets.</param>
    public async ValueTask<bool> AllowAsync(HttpContext http, Principal principal, Bucket bucket, S3Action action)
    {
        ArgumentNullException.ThrowIfNull(http);
        BucketAccess access = await BucketAccess.LoadAsync(_buckets, bucket, http.RequestAborted);
        Decided decided = await _decider.DecideAsync(
            principal, new AccessTarget(bucket, access), _permission(action), new OfHttp(http, principal, _clock), stored: null, creates: false, http.RequestAborted);
        return decided.Decision.Allowed;
    }

    /// <summary>Whether something could allow a requester to create a bucket, whatever it is called.</summary>
    public ValueTask<bool> MightCreateAsync(Principal principal, CancellationToken cancellationToken) => _decider.MightOwnAsync(principal, S3Action.CreateBucket, cancellationToken);

    /// <summary>All decisions about one request share a budget of steps, however many buckets it is about.</summary>
    private static DecisionScope ScopeOf(HttpContext http)
    {
        DecisionScope? scope = http.Features.Get<DecisionScope>();
        if (scope is null)
        {
            scope = new DecisionScope();
            http.Features.Set(scope);
        }

        return scope;
    }

    private readonly struct OfHttp(HttpContext http, Principal principal, TimeProvider clock) : IConditionFactory
    {
        public DecisionScope Scope { get; } = ScopeOf(http);

        public IConditionSource For(StoredObject? stored) => new Conditions(http, principal, clock.GetUtcNow());
    }

    /// <summary>Values for the keys that every request has; a listing would have no prefix, delimiter or limit.</summary>
    private sealed class Conditions(HttpContext http, Principal principal, DateTimeOffset now) : IConditionSource
    {
        // Few policies ask for any of it.
        private JobOrigin? _origin;

        public ConditionValue Get(ConditionKey key, string? tagKey) => RequestOrigin.Get(_origin ??= RequestOrigin.Of(http, principal), now, key);
    }
}

using Microsoft.AspNetCore.Http;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Routing;

namespace Tarn.S3.Requests;

/// <summary>
/// A request that was let through, as operations get it: who asks for what (<see cref="Caller"/>), the bucket or disk that this comes to
/// and what the decision rested on, and where the answer goes. The authorizer makes it; nothing in it changes afterwards.
/// </summary>
internal sealed class S3Context(S3Caller caller, S3Answer answer)
{
    /// <summary>Who asks.</summary>
    public S3Caller Caller { get; } = caller;

    /// <summary>The answer.</summary>
    public S3Answer Answer { get; } = answer;

    /// <summary>The bucket itself, loaded once by the authorizer; null for disks, and for operations that need none.</summary>
    public Bucket? FoundBucket { get; init; }

    /// <summary>The disk that the bucket's name means; null when it is an object bucket.</summary>
    public DiskBucket? FoundDisk { get; init; }

    /// <summary>What the bucket says about access; loaded with it.</summary>
    public BucketAccess FoundAccess { get; init; } = BucketAccess.None;

    /// <summary>What operations may still ask of the authorizer; null when none was asked to let the request through.</summary>
    public IAccessChecks? Checks { get; init; }

    /// <summary>Whether the decision needed the object itself; <see cref="DecidedOn"/> is then what was found.</summary>
    public bool LookedForObject { get; init; }

    /// <summary>The object that was decided on; null when there was none, or it did not matter.</summary>
    public StoredObject? DecidedOn { get; init; }

    /// <summary>What allowed the request, for operations that may do less by one ground than by another.</summary>
    public AccessGround AllowedBy { get; init; }

    /// <summary>
    /// Whose objects alone the request may replace or delete, a canonical user id; null: anybody's. What the decision saw can be another's
    /// by the time of the commit.
    /// </summary>
    public string? ReplacesOnlyOf { get; init; }

    /// <summary>What was asked.</summary>
    public S3Request Request => Caller.Request;

    public RequestQuery Query => Request.Query;

    /// <summary>Only for operations whose target is an object.</summary>
    public ObjectKey Key => Request.Address.Key;

    /// <summary>Fires when the client has gone.</summary>
    public CancellationToken CancellationToken => Request.CancellationToken;

    /// <summary>Null when the request is anonymous.</summary>
    public Principal? Principal => Caller.Principal;

    /// <summary>Who asks, for operations that nobody may do anonymously.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public Principal RequiredPrincipal => Principal ?? throw new S3Exception(S3Error.AccessDenied);

    /// <summary>The decoded, verified body.</summary>
    public IUploadBody Body => Caller.Body;

    /// <summary>The object bucket, for operations that cannot do without.</summary>
    public Bucket RequiredBucket => FoundBucket ?? throw new InvalidOperationException("The authorizer loaded no bucket.");

    /// <summary>The bucket, of whichever kind.</summary>
    public IBucket AnyBucket => FoundDisk is { } disk ? disk : RequiredBucket;

    /// <summary>The web server's side of the answer: status, headers and body.</summary>
    public HttpResponse Response => Answer.Http;
}

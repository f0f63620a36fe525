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
/// An authorized request, as operations get it: the caller and the request (<see cref="Caller"/>), the bucket or disk that it resolved to
/// with the facts behind the decision, and the answer. The authorizer creates it; it is immutable.
/// </summary>
internal sealed class S3Context(S3Caller caller, S3Answer answer)
{
    /// <summary>The caller.</summary>
    public S3Caller Caller { get; } = caller;

    /// <summary>The answer.</summary>
    public S3Answer Answer { get; } = answer;

    /// <summary>The bucket itself, loaded once by the authorizer; null for disks, and for operations that need none.</summary>
    public Bucket? FoundBucket { get; init; }

    /// <summary>The disk with the bucket's name; null when it is an object bucket.</summary>
    public DiskBucket? FoundDisk { get; init; }

    /// <summary>The bucket's access settings, loaded with it.</summary>
    public BucketAccess FoundAccess { get; init; } = BucketAccess.None;

    /// <summary>Further access checks for the operation; null when the request did not need the authorizer.</summary>
    public IAccessChecks? Checks { get; init; }

    /// <summary>Whether the decision needed the object itself; <see cref="DecidedOn"/> then holds it.</summary>
    public bool LookedForObject { get; init; }

    /// <summary>The object that the decision used; null when there was none or it did not matter.</summary>
    public StoredObject? DecidedOn { get; init; }

    /// <summary>What allowed the request, for operations whose scope depends on it.</summary>
    public AccessGround AllowedBy { get; init; }

    /// <summary>
    /// The canonical user id of the only owner whose objects the request may replace or delete; null: any owner. It is checked again at the
    /// commit, since the object may have been replaced by then.
    /// </summary>
    public string? ReplacesOnlyOf { get; init; }

    /// <summary>The request.</summary>
    public S3Request Request => Caller.Request;

    public RequestQuery Query => Request.Query;

    /// <summary>The object's key. Only for operations whose target is an object.</summary>
    public ObjectKey Key => Request.Address.Key;

    /// <summary>Cancelled when the client disconnects.</summary>
    public CancellationToken CancellationToken => Request.CancellationToken;

    /// <summary>The requester; null when the request is anonymous.</summary>
    public Principal? Principal => Caller.Principal;

    /// <summary>The requester, for operations that cannot be anonymous.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public Principal RequiredPrincipal => Principal ?? throw new S3Exception(S3Error.AccessDenied);

    /// <summary>The decoded, verified body.</summary>
    public IUploadBody Body => Caller.Body;

    /// <summary>The object bucket, for operations that need one.</summary>
    public Bucket RequiredBucket => FoundBucket ?? throw new InvalidOperationException("The authorizer loaded no bucket.");

    /// <summary>The object bucket or disk.</summary>
    public IBucket AnyBucket => FoundDisk is { } disk ? disk : RequiredBucket;

    /// <summary>The web server's response: status, headers and body.</summary>
    public HttpResponse Response => Answer.Http;
}

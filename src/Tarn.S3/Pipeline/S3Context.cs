using Microsoft.AspNetCore.Http;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Disks;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Policy;
using Tarn.S3.Access;
using Tarn.S3.Auth;
using Tarn.S3.Documents;
using Tarn.S3.Routing;

namespace Tarn.S3.Pipeline;

/// <summary>One S3 request on its way: what it points at, who sent it, and where its answer goes.</summary>
internal sealed class S3Context(HttpContext http, string requestId, string hostId, TimeProvider clock)
{
    /// <summary>Where clients that were not told the region find it. Source: Amazon S3 API Reference, HeadBucket.</summary>
    public const string RegionHeader = "x-amz-bucket-region";

    private IAuthenticatedRequest? _identity;
    private IUploadBody? _body;
    private DocumentBudget.Share? _share;
    private DecisionScope? _decisionScope;

    public HttpContext Http { get; } = http;

    /// <summary>Now, as the server's clock has it.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    public HttpRequest Request => Http.Request;

    public HttpResponse Response => Http.Response;

    /// <summary>Sixteen upper-case hex digits, also in <c>x-amz-request-id</c>.</summary>
    public string RequestId { get; } = requestId;

    /// <summary>Identifies the server process; also in <c>x-amz-id-2</c>.</summary>
    public string HostId { get; } = hostId;

    public S3Address Address { get; set; }

    /// <summary>Where the request is to a client of a proxy; null: where it was sent.</summary>
    public PublicAddress? Public { get; } = http.Features.Get<PublicAddress>();

    /// <summary>What paths of this server begin with, to the client; empty, or without a slash at the end.</summary>
    public string PublicPrefix => Public?.Prefix ?? "";

    /// <summary>What URLs of this server begin with, to the client; without a slash at the end.</summary>
    public string PublicUrl => Public is { } known ? $"{known.Scheme}://{known.Authority}{known.Prefix}" : $"{Request.Scheme}://{Request.Host}";

    public RequestQuery Query { get; set; } = RequestQuery.Empty;

    /// <summary>Null until the request was resolved.</summary>
    public S3Operation? Operation { get; set; }

    /// <summary>Null when the request is anonymous.</summary>
    public Principal? Principal => _identity?.Principal;

    /// <summary>What is known of the request's signature.</summary>
    public SignatureFacts Signature => _identity?.Signature ?? default;

    /// <summary>The bucket's name as sent. Only for operations whose target is a bucket or an object.</summary>
    public string BucketName => Address.Bucket ?? throw new InvalidOperationException("The service has no bucket.");

    /// <summary>The bucket itself, loaded once by the authorizer; null only for operations that need none.</summary>
    public Bucket? FoundBucket
    {
        get;
        set
        {
            field = value;
            ConcernsBucket |= value is not null;
        }
    }

    /// <summary>The bucket itself, for operations that cannot do without.</summary>
    public Bucket RequiredBucket => FoundBucket ?? throw new InvalidOperationException("The authorizer loaded no bucket.");

    /// <summary>The disk that the bucket's name means; null when it is an object bucket.</summary>
    public DiskBucket? FoundDisk
    {
        get;
        set
        {
            field = value;
            ConcernsBucket |= value is not null;
        }
    }

    /// <summary>The server's region, which is that of every bucket.</summary>
    public string? Region { get; init; }

    /// <summary>Whether the request is about a bucket that exists: its answer then names the region, whatever else it says.</summary>
    public bool ConcernsBucket
    {
        get;
        set
        {
            field = value;
            if (value && Region is not null && !Response.HasStarted)
            {
                Response.Headers[RegionHeader] = Region;
            }
        }
    }

    /// <summary>The bucket, of whichever kind.</summary>
    public IBucket AnyBucket => FoundDisk is { } disk ? disk : RequiredBucket;

    /// <summary>What the bucket says about access; loaded with it.</summary>
    public BucketAccess FoundAccess { get; set; } = BucketAccess.None;

    /// <summary>What operations may still ask of the authorizer; null when none was asked to let the request through.</summary>
    public IAccessChecks? Checks { get; set; }

    /// <summary>Whether the decision needed the object itself; <see cref="DecidedOn"/> is then what was found.</summary>
    public bool LookedForObject { get; set; }

    /// <summary>The object that was decided on; null when there was none, or it did not matter.</summary>
    public StoredObject? DecidedOn { get; set; }

    /// <summary>What allowed the request, for operations that may do less by one ground than by another.</summary>
    public AccessGround LetInBy { get; set; }

    /// <summary>What the decisions about the request share. The keys of one request are decided on side by side.</summary>
    public DecisionScope DecisionScope =>
        _decisionScope ?? LazyInitializer.EnsureInitialized(ref _decisionScope, () => new DecisionScope(manyKeys: Operation is { Authorization: OperationAuthorization.PerKey }))!;

    /// <summary>
    /// Whose objects alone the request may replace or delete, a canonical user id; null: whosever. What the decision saw can be another's
    /// by the time of the commit.
    /// </summary>
    public string? ReplacesOnlyOf { get; set; }

    /// <summary>The tags of the request's body, when they had to be read before the decision.</summary>
    public TagSet? RequestTags { get; set; }

    /// <summary>Who asks, for operations that nobody may do anonymously.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public Principal RequiredPrincipal => Principal ?? throw new S3Exception(S3Error.AccessDenied);

    /// <summary>Only for operations whose target is an object.</summary>
    public ObjectKey Key => Address.Key;

    /// <summary>Fires when the client has gone.</summary>
    public CancellationToken CancellationToken => Http.RequestAborted;

    /// <summary>The decoded, verified body. Reading it starts here, so that a refusal before costs the client nothing.</summary>
    public IUploadBody Body => _body ??= (_identity ?? throw new InvalidOperationException("The request is not authenticated.")).OpenBody();

    /// <summary>What all documents in flight may take together; the middleware's.</summary>
    public required DocumentBudget Documents { get; init; }

    /// <summary>Reads the body as a document of at most so many bytes. What it takes is counted until the request is over.</summary>
    /// <exception cref="S3Exception">MaxMessageLengthExceeded, SlowDown, and what the body itself refuses.</exception>
    public ValueTask<DocumentBytes> ReadDocumentAsync(int limit)
    {
        if (_share is null)
        {
            _share = Documents.Open();
            Response.RegisterForDispose(_share);
        }

        return DocumentBytes.ReadAsync(Body, limit, _share, CancellationToken);
    }

    /// <summary>Ends the reading of the body where it is; to be called once the operation has failed.</summary>
    public void AbandonBody() => _body?.Abandon();

    /// <summary>The headers that say what to store: the request's, or the fields of a form that stand in for them.</summary>
    public IHeaderDictionary UploadHeaders
    {
        get => field ?? Request.Headers;
        set;
    }

    /// <summary>Headers of the answer whatever the answer is, a refusal included.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> StandingHeaders { get; private set; } = [];

    /// <summary>Gives the answer headers that it keeps even if it becomes a refusal.</summary>
    public void SetStandingHeaders(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        StandingHeaders = headers;
        S3Middleware.StampHeaders(this);
    }

    /// <summary>What the authenticator found.</summary>
    public void SetIdentity(IAuthenticatedRequest identity) => _identity = identity;
}

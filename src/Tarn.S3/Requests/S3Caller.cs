using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Policy;
using Tarn.S3.Documents;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Requests;

/// <summary>A request and its requester. Provides the body too, since the way to verify it depends on the signature.</summary>
/// <param name="request">The request.</param>
/// <param name="principal">The requester; null when the request is anonymous.</param>
/// <param name="signature">The facts about the signature; the default for an anonymous request.</param>
/// <param name="body">The body, if reading it has already begun.</param>
internal abstract class S3Caller(S3Request request, Principal? principal, SignatureFacts signature, IUploadBody? body = null)
{
    private IUploadBody? _body = body;
    private DocumentBudget.Share? _share;
    private DecisionScope? _decisionScope;
    private TagSet? _tags;

    public S3Request Request { get; } = request;

    /// <summary>The requester; null when the request is anonymous.</summary>
    public Principal? Principal { get; protected set; } = principal;

    /// <summary>The name of the organization for which the requester acts; null when the request is anonymous.</summary>
    public virtual string? Organization => Principal?.OrganizationId;

    public SignatureFacts Signature { get; } = signature;

    /// <summary>The decoded, verified body. Reading starts with the first use, so that a client refused earlier does not send it.</summary>
    public IUploadBody Body => _body ??= OpenBody();

    /// <summary>Bytes of the body received so far.</summary>
    public long BytesReceived => _body?.Received ?? 0;

    /// <summary>State that the decisions about the request share. The keys of one request are authorized in parallel.</summary>
    public DecisionScope DecisionScope =>
        _decisionScope ?? LazyInitializer.EnsureInitialized(ref _decisionScope, () => new DecisionScope(manyKeys: Request.Operation is { Authorization: OperationAuthorization.PerKey }))!;

    /// <summary>The tags in the request's document or in a form's field; null when there are none or they have not been read.</summary>
    public TagSet? Tags => Request.FormTags ?? _tags;

    /// <summary>A caller of a request that has no body to verify.</summary>
    public static S3Caller Nobody(S3Request request) => new Anonymous(request);

    /// <summary>Reads the body as a document of limited size, which counts against the server's budget until the request ends.</summary>
    /// <exception cref="S3Exception">MaxMessageLengthExceeded, SlowDown, and the errors of the body itself.</exception>
    public ValueTask<DocumentBytes> ReadDocumentAsync(int limit)
    {
        if (_share is null)
        {
            _share = Request.Documents.Open();
            Request.Http.Response.RegisterForDispose(_share);
        }

        return DocumentBytes.ReadAsync(Body, limit, _share, Request.CancellationToken);
    }

    /// <summary>Reads the tags in the request's document, once. A policy may need them before the operation does.</summary>
    /// <exception cref="S3Exception">The errors of <see cref="VerifiedBody.ReadXmlAsync(S3Caller, DocumentShape, bool)"/> and <see cref="TaggingXml.Read"/>.</exception>
    public async ValueTask<TagSet> ReadTagsAsync(TagLimits limits) =>
        Tags ?? (_tags = TaggingXml.Read(await VerifiedBody.ReadXmlAsync(this, DocumentShapes.Tagging, digestRequired: true), limits));

    /// <summary>Stops reading the body; called after the operation has failed.</summary>
    public void AbandonBody() => _body?.Abandon();

    /// <summary>Starts reading the body, verified as the request's signature requires. Called at most once.</summary>
    protected abstract IUploadBody OpenBody();

    private sealed class Anonymous(S3Request request) : S3Caller(request, null, default)
    {
        protected override IUploadBody OpenBody() => throw new InvalidOperationException("The request is not authenticated.");
    }
}

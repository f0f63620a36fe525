using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Policy;
using Tarn.S3.Documents;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Requests;

/// <summary>A request and who sent it. The body is read through here, since how it is verified depends on how the request was signed.</summary>
/// <param name="request">What was asked.</param>
/// <param name="principal">Who asks; null when the request is anonymous.</param>
/// <param name="signature">What is known of the signature; the default for an anonymous request.</param>
/// <param name="body">The body, when its reading has begun already.</param>
internal abstract class S3Caller(S3Request request, Principal? principal, SignatureFacts signature, IUploadBody? body = null)
{
    private IUploadBody? _body = body;
    private DocumentBudget.Share? _share;
    private DecisionScope? _decisionScope;
    private TagSet? _tags;

    public S3Request Request { get; } = request;

    /// <summary>Null when the request is anonymous.</summary>
    public Principal? Principal { get; } = principal;

    public SignatureFacts Signature { get; } = signature;

    /// <summary>The decoded, verified body. Reading it starts here, so that a refusal before costs the client nothing.</summary>
    public IUploadBody Body => _body ??= OpenBody();

    /// <summary>Bytes of the body that have come so far.</summary>
    public long BytesReceived => _body?.Received ?? 0;

    /// <summary>What the decisions about the request share. The keys of one request are decided on side by side.</summary>
    public DecisionScope DecisionScope =>
        _decisionScope ?? LazyInitializer.EnsureInitialized(ref _decisionScope, () => new DecisionScope(manyKeys: Request.Operation is { Authorization: OperationAuthorization.PerKey }))!;

    /// <summary>The tags of the request's document, or of a form's field; null when there are none, or they were not read.</summary>
    public TagSet? Tags => Request.FormTags ?? _tags;

    /// <summary>Who sends nothing that would have to be verified: there is no body to read.</summary>
    public static S3Caller Nobody(S3Request request) => new Anonymous(request);

    /// <summary>Reads the body as a document of at most so many bytes, which are counted against the server's budget until the request is over.</summary>
    /// <exception cref="S3Exception">MaxMessageLengthExceeded, SlowDown, and what the body itself refuses.</exception>
    public ValueTask<DocumentBytes> ReadDocumentAsync(int limit)
    {
        if (_share is null)
        {
            _share = Request.Documents.Open();
            Request.Http.Response.RegisterForDispose(_share);
        }

        return DocumentBytes.ReadAsync(Body, limit, _share, Request.CancellationToken);
    }

    /// <summary>The tags of the request's document, which is read the first time. A policy may ask for them before the operation does.</summary>
    /// <exception cref="S3Exception">What <see cref="VerifiedBody.ReadXmlAsync(S3Caller, DocumentShape, bool)"/> and <see cref="TaggingXml.Read"/> refuse.</exception>
    public async ValueTask<TagSet> ReadTagsAsync(TagLimits limits) =>
        Tags ?? (_tags = TaggingXml.Read(await VerifiedBody.ReadXmlAsync(this, DocumentShapes.Tagging, digestRequired: true), limits));

    /// <summary>Stops reading the body; to be called once the operation has failed.</summary>
    public void AbandonBody() => _body?.Abandon();

    /// <summary>Starts reading the body, verified as the request's signature demands. Called at most once.</summary>
    protected abstract IUploadBody OpenBody();

    private sealed class Anonymous(S3Request request) : S3Caller(request, null, default)
    {
        protected override IUploadBody OpenBody() => throw new InvalidOperationException("The request is not authenticated.");
    }
}

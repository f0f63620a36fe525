using Tarn.Core.Identity;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Requests;

namespace Tarn.S3.Forms;

/// <summary>Who signed a form, which was read up to its file.</summary>
/// <param name="request">The form's request, or the upload that it amounts to.</param>
/// <param name="principal">Who signed the policy; null without one.</param>
/// <param name="signature">What is known of the signature.</param>
/// <param name="body">The request's body, of which the reader takes the form.</param>
/// <param name="reader">The form, at the beginning of its file.</param>
/// <param name="fields">The fields before the file.</param>
internal sealed class FormCaller(
    S3Request request, Principal? principal, SignatureFacts signature, IUploadBody body, MultipartFormReader reader, FormFields fields)
    : S3Caller(request, principal, signature, body)
{
    public MultipartFormReader Reader { get; } = reader;

    public FormFields Fields { get; } = fields;

    /// <summary>What the signer allows to be uploaded; null before the policy was checked, and when nobody signed the form.</summary>
    public PostPolicy? Policy { get; private init; }

    /// <summary>The same caller, uploading what the form amounts to under a policy that allows it.</summary>
    public FormCaller Uploading(S3Request upload, PostPolicy? policy) =>
        new(upload, Principal, Signature, Body, Reader, Fields) { Policy = policy };

    protected override IUploadBody OpenBody() => throw new InvalidOperationException("The body of a form is opened before its caller is known.");
}

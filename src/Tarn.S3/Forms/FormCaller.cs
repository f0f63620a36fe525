using Tarn.Core.Identity;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Requests;

namespace Tarn.S3.Forms;

/// <summary>The caller of a form that has been read up to its file.</summary>
/// <param name="request">The form's request, or the upload that it stands for.</param>
/// <param name="principal">Who signed the policy; null without one.</param>
/// <param name="signature">The facts about the signature.</param>
/// <param name="body">The request's body, which the reader reads.</param>
/// <param name="reader">The form, at the beginning of its file.</param>
/// <param name="fields">The fields before the file.</param>
internal sealed class FormCaller(
    S3Request request, Principal? principal, SignatureFacts signature, IUploadBody body, MultipartFormReader reader, FormFields fields)
    : S3Caller(request, principal, signature, body)
{
    public MultipartFormReader Reader { get; } = reader;

    public FormFields Fields { get; } = fields;

    /// <summary>The form's policy; null until it is checked, and when nobody signed the form.</summary>
    public PostPolicy? Policy { get; private init; }

    /// <summary>The same caller with the upload that the form stands for and the policy that allows it.</summary>
    public FormCaller Uploading(S3Request upload, PostPolicy? policy) =>
        new(upload, Principal, Signature, Body, Reader, Fields) { Policy = policy };

    protected override IUploadBody OpenBody() => throw new InvalidOperationException("A form's body is opened before its caller exists.");
}

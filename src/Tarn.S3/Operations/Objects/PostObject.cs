using Microsoft.AspNetCore.Http;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Documents;
using Tarn.S3.Forms;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>
/// POST /bucket: an upload by an HTML form, whose fields before the file hold the credentials and the key.
/// Source: Amazon S3 API Reference, "POST Object"; "Browser-Based Uploads Using POST (AWS Signature Version 4)".
/// </summary>
internal sealed class PostObject(
    PutObject put, FormAuthenticator authenticator, IRequestAuthorizer authorizer, TimeProvider time) : ISelfAuthorizingOperation
{
    /// <summary>Reads the form up to its file and authenticates it.</summary>
    public async ValueTask<S3Caller> AuthenticateAsync(S3Request request)
    {
        if (DiskId.HasShape(request.Address.Bucket))
        {
            // Disks refuse every form in the same way, so that the answer does not reveal whether the disk exists.
            throw OperationNeeds.ReadOnly(request.Address.Bucket, request.RequiredOperation);
        }

        FormAuthenticator.ThrowIfAlsoSigned(request.Http.Request, request.Address.RawQuery);
        string boundary = MultipartFormReader.BoundaryOf(request.Http.Request.ContentType) ?? throw FormErrors.NoForm();
        IUploadBody body = authenticator.OpenBody(request.Http.Request);
        try
        {
            var reader = new MultipartFormReader(body, boundary);
            request.Http.Response.RegisterForDispose(reader);
            FormFields fields = await FormFields.ReadAsync(reader, request.CancellationToken);

            // For what is reported of a form that is refused.
            request.Http.Features.Set(fields);
            (Principal? principal, SignatureFacts signature) = await authenticator.AuthenticateAsync(fields, request.CancellationToken);
            return new FormCaller(request, principal, signature, body, reader, fields);
        }
        catch
        {
            body.Abandon();
            throw;
        }
    }

    /// <summary>Checks the policy, and then the upload that the form stands for, with the form's key and its fields as headers.</summary>
    public async ValueTask<S3Context> AuthorizeAsync(S3Caller caller, S3Answer answer)
    {
        var form = (FormCaller)caller;
        FormFields fields = form.Fields;
        PostPolicy? policy = ReadPolicy(form);
        ObjectKey key = fields.Key();
        IHeaderDictionary headers = fields.Headers(form.Request.Headers);
        TagSet? tags = fields["tagging"] is { Length: > 0 } tagging
            ? TaggingXml.Read(DocumentReader.Read(DocumentShapes.Tagging, System.Text.Encoding.UTF8.GetBytes(tagging)), TagLimits.Object)
            : null;
        S3Request upload = form.Request.AsUpload(key, headers, tags);
        S3Context context = await authorizer.AuthorizeAsync(form.Uploading(upload, policy), answer);
        S3Operation row = form.Request.RequiredOperation;
        RequestFeatures.ThrowIfUnsupported(row, upload.Query, upload.Headers);
        RequestFeatures.ThrowIfUnsupported(row, upload.Query, upload.UploadHeaders);
        return context;
    }

    public async Task ExecuteAsync(S3Context context)
    {
        var form = (FormCaller)context.Caller;
        long most = Math.Min(form.Policy?.MaxLength ?? long.MaxValue, IngestRequest.MaxUploadLength);
        StoredObject stored = await put.StoreAsync(context, new Forms.FormFile(form.Reader, form.Policy?.MinLength ?? 0), form.Tags, most);
        await FormAnswer.WriteAsync(context, form.Fields, stored);
    }

    /// <summary>Reads and checks the policy; null when nobody signed the form.</summary>
    /// <exception cref="S3Exception">AccessDenied when the policy does not allow this form; InvalidPolicyDocument.</exception>
    private PostPolicy? ReadPolicy(FormCaller form)
    {
        if (form.Principal is null)
        {
            return null;
        }

        var policy = PostPolicyReader.Read(form.Fields["policy"]!);
        DateTimeOffset now = time.GetUtcNow();
        authenticator.ThrowIfLivesTooLong(form.Signature, policy, now);
        policy.ThrowIfViolated(form.Fields, form.Request.BucketName, now);
        return policy;
    }
}

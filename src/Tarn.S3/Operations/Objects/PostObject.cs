using Tarn.Core.Disks;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Documents;
using Tarn.S3.Forms;
using Tarn.S3.Pipeline;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>
/// POST /bucket: an upload by an HTML form, which says who asks and what for in the fields before its file.
/// Source: Amazon S3 API Reference, "POST Object"; "Browser-Based Uploads Using POST (AWS Signature Version 4)".
/// </summary>
internal sealed class PostObject(
    PutObject put, FormAuthenticator authenticator, IRequestAuthorizer authorizer, TimeProvider time) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        if (DiskId.HasShape(context.Address.Bucket))
        {
            // Whoever asks and whatever was sent: no disk takes it, so that nothing is told of whether there is one.
            throw OperationNeeds.ReadOnly(context.Address.Bucket, context.Operation!);
        }

        FormAuthenticator.DemandNoOther(context.Request, context.Address.RawQuery);
        string boundary = MultipartFormReader.BoundaryOf(context.Request.ContentType) ?? throw FormErrors.NoForm();
        context.SetIdentity(authenticator.Nobody(context));
        using var reader = new MultipartFormReader(context.Body, boundary);
        FormFields fields = await FormFields.ReadAsync(reader, context.CancellationToken);
        PostPolicy? policy = await AuthenticateAsync(context, fields);

        // From here on it is a PutObject: the key is the form's, and its fields are the headers.
        context.Address = context.Address.WithKey(fields.Key());
        context.Operation = context.Operation! with { Target = S3Target.Object };
        context.UploadHeaders = fields.Headers(context.Request.Headers);
        context.RequestTags = fields["tagging"] is { Length: > 0 } tagging
            ? TaggingXml.Read(DocumentReader.Read(DocumentShapes.Tagging, System.Text.Encoding.UTF8.GetBytes(tagging)), TagLimits.Object)
            : null;
        await authorizer.AuthorizeAsync(context);
        RequestFeatures.Demand(context.Operation, context.Query, context.UploadHeaders);
        long most = Math.Min(policy?.MaxLength ?? long.MaxValue, IngestRequest.MaxUploadLength);
        StoredObject stored = await put.StoreAsync(context, new FormFile(reader, policy?.MinLength ?? 0), context.RequestTags, most);
        await FormAnswer.WriteAsync(context, fields, stored);
    }

    /// <summary>Who signed the form, and what they allow with it; no policy when nobody did.</summary>
    private async ValueTask<PostPolicy?> AuthenticateAsync(S3Context context, FormFields fields)
    {
        context.SetIdentity(await authenticator.AuthenticateAsync(context, fields));
        if (context.Principal is null)
        {
            return null;
        }

        var policy = PostPolicy.Parse(fields["policy"]!);
        DateTimeOffset now = time.GetUtcNow();
        authenticator.DemandLife(context.Signature, policy, now);
        policy.Demand(fields, context.BucketName, now);
        return policy;
    }
}

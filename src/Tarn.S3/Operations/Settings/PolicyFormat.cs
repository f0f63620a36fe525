using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;
using Tarn.S3.Access;
using Tarn.S3.Documents;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Settings;

/// <summary>A bucket policy as JSON, stored and answered exactly as it was put.</summary>
/// <remarks><c>x-amz-confirm-remove-self-bucket-access</c> has no effect: a policy cannot keep the owner's root user from replacing it.</remarks>
internal sealed class PolicyFormat : SettingFormat<StoredBucketPolicy>
{
    /// <summary>The header with warnings about probable mistakes in a stored policy.</summary>
    public const string WarningHeader = "x-tarn-warning";

    public override async ValueTask<SettingChange<StoredBucketPolicy>> ReadAsync(S3Context context, SettingServices services)
    {
        byte[] text = await VerifiedBody.ReadBytesAsync(context, DocumentShapes.DefaultLimit, digestRequired: false);
        BucketPolicy policy = BucketPolicy.Parse(text, context.RequiredBucket.Name);
        if (policy.IsPublic && context.FoundAccess.Block.BlockPublicPolicy)
        {
            throw services.Denials.Refuse(context, DenialKind.PublicAccessBlock, "The policy is public, and the bucket has BlockPublicPolicy.");
        }

        bool withoutPermission = context.AllowedBy == AccessGround.FirstPolicy;
        if (withoutPermission && !policy.AllowsOnly(context.RequiredPrincipal.OrganizationId, context.RequiredBucket.OwnerId))
        {
            services.Denials.Refuse(
                context, DenialKind.NotAllowed,
                "The policy grants access to others than the organization's own users, which requires an explicit permission for s3:PutBucketPolicy.",
                S3Action.PutBucketPolicy.Name(), $"arn:aws:s3:::{context.RequiredBucket.Name.Value}");
            throw new S3Exception(
                S3Error.AccessDenied,
                "Access Denied: only the root user, or a user who is allowed s3:PutBucketPolicy, may put a first policy that grants access to others than the organization's own users.");
        }

        return new(new StoredBucketPolicy(text, withoutPermission))
        {
            First = withoutPermission,
            Then = async () =>
            {
                if (await MissingPrincipals.FindAsync(policy.Named, services.Accounts, context.CancellationToken) is { Count: > 0 } missing)
                {
                    context.Response.Headers[WarningHeader] = MissingPrincipals.Warning(missing);
                }
            },
        };
    }

    public override async Task WriteAsync(S3Context context, StoredBucketPolicy value, SettingServices services)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = value.Text.Length;
        await context.Response.Body.WriteAsync(value.Text, context.CancellationToken);
    }
}

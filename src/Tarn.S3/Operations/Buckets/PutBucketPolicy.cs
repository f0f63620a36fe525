using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.S3.Access;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.Core.Policy.Documents;

namespace Tarn.S3.Operations.Buckets;

/// <summary>PUT /bucket?policy: takes the place of the one there is. Source: Amazon S3 API Reference, PutBucketPolicy.</summary>
/// <remarks><c>x-amz-confirm-remove-self-bucket-access</c> says nothing here: a policy cannot keep the owner's root user from replacing it.</remarks>
internal sealed class PutBucketPolicy(BucketCatalog buckets, IAccountDirectory accounts, Denials denials) : IOperation
{
    /// <summary>Says what a policy that was taken has in it that is probably a mistake.</summary>
    public const string WarningHeader = "x-tarn-warning";

    public async Task ExecuteAsync(S3Context context)
    {
        byte[] text = await VerifiedBody.ReadBytesAsync(context, DocumentShapes.DefaultLimit, digestRequired: false);
        BucketPolicy policy = BucketPolicy.Parse(text, context.RequiredBucket.Name);
        if (policy.IsPublic && context.FoundAccess.Block.BlockPublicPolicy)
        {
            throw denials.Refuse(context, DenialKind.PublicAccessBlock, "The policy is public, and the bucket has BlockPublicPolicy.");
        }

        bool withoutPermission = context.LetInBy == AccessGround.FirstPolicy;
        if (withoutPermission && !policy.AllowsOnly(context.RequiredPrincipal.OrganizationId, context.RequiredBucket.OwnerId))
        {
            denials.Refuse(
                context, DenialKind.NotAllowed,
                "The policy allows something to others than the organization's own users, which takes a permission of s3:PutBucketPolicy.",
                S3Action.PutBucketPolicy.Name(), $"arn:aws:s3:::{context.RequiredBucket.Name.Value}");
            throw new S3Exception(
                S3Error.AccessDenied,
                "Access Denied: only the root user, or a user who is allowed s3:PutBucketPolicy, may put a first policy that allows something to others than the organization's own users.");
        }

        await buckets.SetConfigurationAsync(
            context.RequiredBucket, BucketConfiguration.Policy, StoredBucketPolicy.Encode(text, withoutPermission), withoutPermission, context.CancellationToken);
        if (await MissingPrincipals.FindAsync(policy.Named, accounts, context.CancellationToken) is { Count: > 0 } missing)
        {
            context.Response.Headers[WarningHeader] = MissingPrincipals.Warning(missing);
        }

        context.Response.StatusCode = 204;
    }
}

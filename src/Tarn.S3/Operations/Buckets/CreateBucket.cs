using Microsoft.AspNetCore.Http;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Buckets;

/// <summary>PUT /bucket. Source: Amazon S3 API Reference, CreateBucket.</summary>
internal sealed class CreateBucket(BucketCatalog buckets, AclHeaders acls, string region, ObjectOwnership defaultOwnership) : IOperation
{
    private const string DefaultRegion = "us-east-1";

    public async Task ExecuteAsync(S3Context context)
    {
        if (!BucketName.TryParse(context.Request.BucketName, out BucketName name))
        {
            throw new S3Exception(S3Error.InvalidBucketName) { Details = [new("BucketName", context.Request.BucketName)] };
        }

        Principal principal = context.RequiredPrincipal;
        List<InitialSetting> settings = await ReadAccessAsync(context, principal.OwnerId);
        await ThrowIfOfAnotherRegionAsync(context);
        if (await buckets.CreateAsync(name, principal.OwnerId, principal.DisplayName, region, settings, context.CancellationToken) is null)
        {
            await AnswerExistingAsync(context, name, principal);
        }

        context.Response.Headers.Location = $"{context.Request.PublicPrefix}/{name.Value}";
        context.Response.ContentLength = 0;
    }

    /// <summary>Reads object ownership and the access control list from the headers.</summary>
    private async ValueTask<List<InitialSetting>> ReadAccessAsync(S3Context context, string ownerId)
    {
        IHeaderDictionary headers = context.Request.Headers;
        ObjectOwnership ownership = defaultOwnership;
        if (headers.TryGetValue(OwnershipNames.Header, out var named))
        {
            ownership = OwnershipNames.Parse(named.ToString())
                ?? throw Arguments.Invalid("Invalid x-amz-object-ownership header value.", OwnershipNames.Header, named.ToString());
        }

        List<InitialSetting> settings = [AccessSettings.Ownership.Initially(new OwnershipControls(ownership))];
        RequestedAcl? requested = await acls.ReadAsync(headers, ofBucket: true, [ownerId], context.CancellationToken);
        if (requested?.For(ownerId, bucketOwnerId: null) is { } acl && !acl.IsPrivate(ownerId))
        {
            if (ownership == ObjectOwnership.BucketOwnerEnforced)
            {
                throw new S3Exception(S3Error.InvalidBucketAclWithObjectOwnership);
            }

            settings.Add(AccessSettings.Acl.Initially(acl));
        }

        return settings;
    }

    /// <summary>Refuses a location constraint that is not the server's own region.</summary>
    private async ValueTask ThrowIfOfAnotherRegionAsync(S3Context context)
    {
        if (await VerifiedBody.ReadOptionalXmlAsync(context, DocumentShapes.CreateBucket, digestRequired: false) is not { } document)
        {
            return;
        }

        string constraint = document.TextOf("LocationConstraint")?.Trim() ?? "";
        if (constraint.Length > 0 && constraint != region)
        {
            throw new S3Exception(
                S3Error.InvalidLocationConstraint,
                $"The specified location-constraint is not valid: the buckets of this server are in {region}. Send that, or no LocationConstraint.")
            {
                Details = [new("LocationConstraint", constraint)],
            };
        }
    }

    /// <summary>In us-east-1, creating a bucket that the requester already owns succeeds, for old clients; elsewhere it is refused.</summary>
    private async ValueTask AnswerExistingAsync(S3Context context, BucketName name, Principal principal)
    {
        Bucket? existing = await buckets.FindAsync(name, context.CancellationToken);
        if (existing is null)
        {
            throw new S3Exception(S3Error.OperationAborted);
        }

        if (existing.OwnerId != principal.OwnerId)
        {
            throw new S3Exception(S3Error.BucketAlreadyExists) { Details = [new("BucketName", name.Value)] };
        }

        if (region != DefaultRegion)
        {
            throw new S3Exception(S3Error.BucketAlreadyOwnedByYou) { Details = [new("BucketName", name.Value)] };
        }
    }
}

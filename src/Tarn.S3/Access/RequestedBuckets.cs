using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Access;

/// <summary>Finds the buckets that a request names, and compares their owners with those that it expects.</summary>
internal sealed class RequestedBuckets(BucketCatalog buckets, IAccountDirectory accounts, Denials denials)
{
    /// <summary>Finds a bucket and loads its access settings.</summary>
    /// <param name="name">The bucket's name, as sent.</param>
    /// <param name="writes">Whether the request writes to the bucket's contents.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <exception cref="S3Exception">NoSuchBucket, InvalidBucketName.</exception>
    public async ValueTask<AccessTarget> FindAsync(string name, bool writes, CancellationToken cancellationToken)
    {
        if (!BucketName.TryParse(name, out BucketName parsed))
        {
            throw new S3Exception(S3Error.InvalidBucketName) { Details = [new("BucketName", name)] };
        }

        Bucket bucket = await (writes ? buckets.GetForWriteAsync(parsed, cancellationToken) : buckets.GetAsync(parsed, cancellationToken));
        return new AccessTarget(bucket, await BucketAccess.LoadAsync(buckets, bucket, cancellationToken));
    }

    /// <summary>Finds the bucket of a copy's source. Whether the requester may read the source is decided later.</summary>
    /// <exception cref="S3Exception">AccessDenied, NoSuchBucket, InvalidBucketName.</exception>
    public async ValueTask<AccessTarget> FindSourceAsync(S3Caller caller, CopySource source, S3Answer answer)
    {
        AccessTarget found = await FindAsync(source.Bucket, writes: false, caller.Request.CancellationToken);

        // Before any refusal: the log of the source's bucket has that too.
        answer.Copies(found.Bucket, source.Key, source.VersionId);
        await ThrowIfNotExpectedOwnerAsync(caller, found.Bucket, "x-amz-source-expected-bucket-owner");
        return found with { Key = source.Key, Version = source.VersionId };
    }

    /// <summary>
    /// Refuses a request whose header names another owner than the bucket's, by the account id that ARNs show (here an organization's name)
    /// or by the canonical user id.
    /// </summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask ThrowIfNotExpectedOwnerAsync(S3Caller caller, Bucket bucket, string header)
    {
        // A form may have it as a field.
        if (!(caller.Request.Headers.TryGetValue(header, out var expected) || caller.Request.UploadHeaders.TryGetValue(header, out expected))
            || expected == bucket.OwnerId)
        {
            return;
        }

        string? account = caller.Principal is { } principal && principal.OwnerId == bucket.OwnerId
            ? principal.OrganizationId
            : (await accounts.FindByCanonicalIdAsync(bucket.OwnerId, caller.Request.CancellationToken))?.OrganizationId;
        if (account is null || expected != account)
        {
            throw denials.Refuse(
                caller, DenialKind.ExpectedOwner, $"{header} does not name the bucket's owner, {account} ({bucket.OwnerId}).",
                resource: $"arn:aws:s3:::{bucket.Name.Value}", ownerId: bucket.OwnerId);
        }
    }
}

using System.Text;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy.Documents;
using Tarn.Core.Records;

namespace Tarn.Core.Applications;

/// <summary>What an application is to get.</summary>
/// <param name="Name">The name of its user.</param>
/// <param name="Bucket">The name of its bucket, which does not exist yet.</param>
/// <param name="Access">The canned policy that its user gets for the bucket: one of <see cref="CannedPolicies.Names"/>.</param>
/// <param name="Key">The key to create.</param>
public sealed record ApplicationRequest(string Name, BucketName Bucket, string Access, AccessKeyRequest Key);

/// <summary>What an application got.</summary>
/// <param name="User">Its user.</param>
/// <param name="Key">The user's key, with its secret.</param>
/// <param name="Bucket">Its bucket.</param>
/// <param name="Policy">The bucket policy that lets the user use the bucket.</param>
public sealed record NewApplication(User User, NewAccessKey Key, Bucket Bucket, string Policy);

/// <summary>
/// Creates what an application needs to store its data: a bucket, a user with an access key, and a bucket policy that lets that user use that bucket. All of it in one commit, so
/// there is all or nothing. Afterwards they are a bucket and a user like others.
/// </summary>
/// <param name="identity">The users.</param>
/// <param name="buckets">The buckets.</param>
public sealed class Applications(IdentityStore identity, BucketCatalog buckets)
{
    /// <summary>Creates an application.</summary>
    /// <param name="organization">The organization that it belongs to.</param>
    /// <param name="request">What it is to get.</param>
    /// <param name="region">The server's region.</param>
    /// <param name="ownership">The object ownership of new buckets.</param>
    /// <param name="cancellationToken">Cancels the operation, unless its commit was already submitted.</param>
    /// <exception cref="IdentityRefusalException">
    /// There is no such organization; a rule is broken; the name of the user, the bucket or the access key is taken. Then nothing was created.
    /// </exception>
    public async ValueTask<NewApplication> CreateAsync(
        string organization, ApplicationRequest request, string region, ObjectOwnership ownership, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (DiskId.HasShape(request.Bucket.Value))
        {
            throw IdentityRefusalException.Invalid("the bucket cannot be named like a disk");
        }

        (User User, NewAccessKey Key) made = identity.Users.Make(organization, new UserRequest { Name = request.Name, Key = request.Key });
        string policy = CannedPolicies.ForBucket(request.Access, request.Bucket, $"arn:aws:iam::{organization}:user/{made.User.Name}")
            ?? throw IdentityRefusalException.Invalid($"there is no canned policy '{request.Access}'");
        InitialSetting[] settings =
        [
            AccessSettings.Ownership.Initially(new OwnershipControls(ownership)),
            AccessSettings.Policy.Initially(new StoredBucketPolicy(Encoding.UTF8.GetBytes(policy), WithoutPermission: false)),
        ];
        return await identity.Context.ChangeAsync(
            organization,
            user: null,
            async batch =>
            {
                Organization owner = await identity.Organizations.GetAsync(organization, cancellationToken);
                await identity.Users.AddAsync(batch, made, request.Key, cancellationToken);
                if (await identity.Context.Store.GetAsync(Tables.BucketKey(request.Bucket.Value), cancellationToken) is not null)
                {
                    throw IdentityRefusalException.Conflict($"the bucket '{request.Bucket.Value}' is taken");
                }

                Bucket bucket = buckets.Add(batch, request.Bucket, owner.CanonicalId, owner.DisplayName, region, settings);
                return new NewApplication(made.User, made.Key, bucket, policy);
            },
            cancellationToken);
    }
}

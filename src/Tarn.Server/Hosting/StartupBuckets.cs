using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Server.Configuration;
using Tarn.Server.Identity;

namespace Tarn.Server.Hosting;

/// <summary>Creates the buckets that the settings name, before the server is ready. They are as a CreateBucket of the root user without headers makes them.</summary>
internal static class StartupBuckets
{
    /// <exception cref="StartupException">A name is taken by another organization, or the bucket cannot be stored.</exception>
    public static async Task CreateAsync(ServerOptions options, ServerIdentity identity, BucketCatalog buckets, CancellationToken cancellationToken)
    {
        InitialSetting ownership = AccessSettings.Ownership.Initially(new OwnershipControls(options.ObjectOwnership));
        foreach (BucketName name in options.CreateBuckets)
        {
            try
            {
                // Found first: a full store takes no write, and a start after the first one needs none.
                Bucket? bucket = await buckets.FindAsync(name, cancellationToken)
                    ?? await buckets.CreateAsync(name, identity.Root.CanonicalId, RootIdentity.DisplayName, options.Region, [ownership], cancellationToken);
                if (bucket is { } taken && taken.OwnerId != identity.Root.CanonicalId)
                {
                    Organization? owner = await identity.Store.Organizations.FindByCanonicalIdAsync(taken.OwnerId, cancellationToken);
                    throw new StartupException($"{Settings.CreateBucket.Flag}: the bucket '{name}' belongs to {(owner is null ? "another owner" : $"the organization '{owner.Name}'")}: choose another name");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StartupException($"{Settings.CreateBucket.Flag}: the bucket '{name}' cannot be created: {e.Message}", e);
            }
        }
    }
}

using Microsoft.AspNetCore.Http;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Storage;
using Tarn.S3.Access;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Archives;

/// <summary>
/// A bucket or a disk as somebody may read it who asks another API for an archive: each key is decided by the code that decides S3 requests, with the conditions of the request that was sent.
/// Nothing is kept from one key to the next but what was found of the place itself, and <see cref="ArchiveDecisions"/>.
/// </summary>
public abstract class ArchivePlace
{
    /// <summary>The name of the bucket, or the id of the disk.</summary>
    public abstract string Name { get; }

    /// <summary>Tells the place from a later one of the same name.</summary>
    public abstract string Identity { get; }

    /// <summary>The id of the bucket; null for a disk.</summary>
    public abstract ulong? BucketId { get; }

    /// <summary>Canonical user id of the owner.</summary>
    public abstract string OwnerId { get; }

    /// <summary>Whether requests for it are logged (PutBucketLogging).</summary>
    public abstract bool IsLogged { get; }

    /// <summary>Who reads it.</summary>
    public abstract Principal Principal { get; }

    /// <summary>Why the requester may not list keys that begin with something; null if they may.</summary>
    public abstract ValueTask<string?> DenyListingAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Lists keys.</summary>
    /// <param name="prefix">What they begin with.</param>
    /// <param name="after">The key after which to go on; null at the beginning.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The keys, and where to go on; null at the end.</returns>
    /// <exception cref="S3Exception">The place cannot be read now.</exception>
    public abstract ValueTask<(IReadOnlyList<IListedObject> Objects, byte[]? Next)> ListAsync(byte[] prefix, byte[]? after, CancellationToken cancellationToken);

    /// <summary>Looks whether the requester may read something, and how long it is.</summary>
    /// <exception cref="S3Exception">NoSuchKey, AccessDenied, or it cannot be read now.</exception>
    public abstract ValueTask<long> LookAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Opens something that the requester may read now.</summary>
    /// <exception cref="S3Exception">NoSuchKey, AccessDenied, or it cannot be read now.</exception>
    public abstract ValueTask<OpenedKey> OpenAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Throws unless the requester may read something now that was opened before.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public abstract ValueTask ThrowIfDeniedAsync(ObjectKey key, OpenedKey opened, CancellationToken cancellationToken);

    /// <summary>The refusal of what is not there.</summary>
    internal static S3Exception Missing(ObjectKey key) => new(S3Error.NoSuchKey) { Details = [new("Key", key.ToString())] };
}

/// <summary>Something that was opened for an archive.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Modified">When it was changed.</param>
public sealed record OpenedKey(IObjectContent Content, DateTimeOffset Modified)
{
    /// <summary>The object; null for a file of a disk.</summary>
    internal StoredObject? Stored { get; init; }
}

/// <summary>Finds what archives are made of.</summary>
public sealed class ArchivePlaces
{
    private readonly ObjectStore _objects;
    private readonly DiskStore _disks;
    private readonly AccessDecider _decider;
    private readonly TimeProvider _clock;
    private readonly Func<Core.Policy.S3Action, Permission> _permission;

    /// <param name="permission">The permission that is needed for an action by its name.</param>
    internal ArchivePlaces(ObjectStore objects, DiskStore disks, AccessDecider decider, TimeProvider clock, Func<Core.Policy.S3Action, Permission> permission) =>
        (_objects, _disks, _decider, _clock, _permission) = (objects, disks, decider, clock, permission);

    /// <summary>Finds a bucket or a disk.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="http">The request that was sent, authenticated by a token, by a signature in its headers or by the cookie of a session of the console.</param>
    /// <param name="principal">Who sent it, as they are now.</param>
    /// <param name="decisions">What the decisions for the archive share.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <exception cref="S3Exception">NoSuchBucket, InvalidBucketName; AccessDenied for a disk that the requester's session may not read.</exception>
    public async ValueTask<ArchivePlace> FindAsync(string name, HttpContext http, Principal principal, ArchiveDecisions decisions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(principal);
        ArgumentNullException.ThrowIfNull(decisions);
        if (DiskId.TryParse(name, out DiskId id))
        {
            return new ArchiveDisk(_disks, await DiskAsync(id, http, principal, cancellationToken), principal);
        }

        if (!BucketName.TryParse(name, out BucketName parsed))
        {
            throw new S3Exception(S3Error.InvalidBucketName, $"'{name}' is not the name of a bucket");
        }

        Bucket bucket = await _objects.Buckets.GetAsync(parsed, cancellationToken);
        var target = new AccessTarget(bucket, await BucketAccess.LoadAsync(_objects.Buckets, bucket, cancellationToken));
        return new ArchiveBucket(_objects, target, new ArchiveRights(_decider, RequestOrigin.Of(http, principal), principal, decisions, _permission, _clock));
    }

    /// <summary>As the gate of disks opens them to tokens and to sessions of the console.</summary>
    private async ValueTask<Disk> DiskAsync(DiskId id, HttpContext http, Principal principal, CancellationToken cancellationToken)
    {
        if (!principal.IsRoot)
        {
            throw new S3Exception(S3Error.AccessDenied, "Only the root user of its organization reads a disk here");
        }

        Disk? disk = await _disks.Catalog.FindAsync(id, cancellationToken);
        return disk?.Organization != principal.OrganizationId ? throw BucketCatalog.NoSuchBucket(id.Value)
            : disk.AllowedAddresses.Admits(http.Connection.RemoteIpAddress) ? disk
            : throw new S3Exception(S3Error.AccessDenied, $"{id} is not open to {http.Connection.RemoteIpAddress}");
    }
}

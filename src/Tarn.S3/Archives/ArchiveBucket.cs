using System.Globalization;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Policy;
using Tarn.Core.Storage;
using Tarn.S3.Requests;

namespace Tarn.S3.Archives;

/// <summary>An object bucket that an archive is made of.</summary>
/// <param name="objects">The buckets.</param>
/// <param name="bucket">The bucket with its access settings.</param>
/// <param name="rights">What the requester may do with it.</param>
internal sealed class ArchiveBucket(ObjectStore objects, AccessTarget bucket, ArchiveRights rights) : ArchivePlace
{
    public override string Name => bucket.Bucket.Name.Value;

    public override string Identity => bucket.Bucket.Id.ToString(CultureInfo.InvariantCulture);

    public override ulong? BucketId => bucket.Bucket.Id;

    public override string OwnerId => bucket.Bucket.OwnerId;

    public override bool IsLogged => BucketLogging.Stored.IsSet(bucket.Bucket);

    public override Principal Principal => rights.Principal;

    public override async ValueTask<string?> DenyListingAsync(string prefix, CancellationToken cancellationToken) =>
        await rights.MayListAsync(bucket, prefix, cancellationToken) ? null : $"{S3Action.ListBucket.Name()} is not allowed";

    public override async ValueTask<(IReadOnlyList<IListedObject> Objects, byte[]? Next)> ListAsync(byte[] prefix, byte[]? after, CancellationToken cancellationToken)
    {
        ObjectPage page = await objects.Lister.ListAsync(bucket.Bucket, new ListQuery { Prefix = prefix, After = after }, cancellationToken);
        return (page.Objects, page.IsTruncated ? page.Last : null);
    }

    public override async ValueTask<long> LookAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        StoredObject? found = await objects.Reader.FindAsync(bucket.Bucket, key, cancellationToken);
        await ThrowIfDeniedAsync(key, found, cancellationToken);
        return found is null or { IsDeleteMarker: true } ? throw Missing(key) : found.Size;
    }

    public override async ValueTask<OpenedKey> OpenAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        (StoredObject? found, IObjectContent? content) = await objects.Reader.OpenAsync(bucket.Bucket, key, null, cancellationToken);
        try
        {
            // Decided on what was opened: it may have been replaced since anything was looked at before.
            await ThrowIfDeniedAsync(key, found, cancellationToken);
            return found is null || content is null ? throw Missing(key) : new OpenedKey(content, found.LastModified) { Stored = found };
        }
        catch
        {
            await (content?.DisposeAsync() ?? default);
            throw;
        }
    }

    public override ValueTask ThrowIfDeniedAsync(ObjectKey key, OpenedKey opened, CancellationToken cancellationToken) => ThrowIfDeniedAsync(key, opened.Stored, cancellationToken);

    /// <summary>Throws unless the requester may read an object or, where there is none, may know that: a permission to list other keys does not tell of this one.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    private async ValueTask ThrowIfDeniedAsync(ObjectKey key, StoredObject? found, CancellationToken cancellationToken)
    {
        bool allowed = found is { IsDeleteMarker: false }
            ? await rights.MayReadAsync(bucket with { Key = key }, found, cancellationToken)
            : await rights.MayListAsync(bucket, key.ToString(), cancellationToken);
        if (!allowed)
        {
            throw new S3Exception(S3Error.AccessDenied, $"{S3Action.GetObject.Name()} is not allowed");
        }
    }
}

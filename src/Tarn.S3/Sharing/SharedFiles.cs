using Tarn.Core.Buckets;
using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Sharing;
using Tarn.Core.Storage;
using Tarn.S3.Reading;

namespace Tarn.S3.Sharing;

/// <summary>Opens the target of a link: a file of a disk, or an object.</summary>
internal sealed class SharedFiles(DiskStore disks, ObjectStore objects, Organizations organizations)
{
    /// <summary>Opens the target of a link.</summary>
    /// <returns>
    /// Null content: the file no longer exists. <see cref="ShareState.Revoked"/>: the disk, bucket or organization is gone, and
    /// the link with it.
    /// </returns>
    /// <exception cref="Core.Errors.S3Exception">The file cannot be opened.</exception>
    public async ValueTask<(ShareState State, SharedFile? File)> OpenAsync(ShareLink link, CancellationToken cancellationToken)
    {
        Organization? organization = await organizations.FindAsync(link.Organization, cancellationToken);
        return organization?.CanonicalId != link.OwnerId ? (ShareState.Revoked, null)
            : link.Target.IsDisk ? await OpenFileAsync(link, cancellationToken)
            : await OpenObjectAsync(link, cancellationToken);
    }

    /// <summary>Throws if data of the target is known to be damaged, for an answer that promises it without reading it.</summary>
    /// <exception cref="Core.Blobs.Layout.DamagedDataException">It is.</exception>
    public ValueTask ThrowIfDamagedAsync(SharedFile file, CancellationToken cancellationToken) =>
        file.Object is { } found ? objects.Reader.ThrowIfDamagedAsync(found, cancellationToken) : default;

    private async ValueTask<(ShareState State, SharedFile? File)> OpenFileAsync(ShareLink link, CancellationToken cancellationToken)
    {
        ShareTarget target = link.Target;
        if (!DiskId.TryParse(target.Container, out DiskId id)
            || await disks.Catalog.FindAsync(id, cancellationToken) is not { } disk
            || disk.Organization != link.Organization)
        {
            return (ShareState.Revoked, null);
        }

        DiskFile? file = await disks.Reader.OpenAsync(disk, target.Key, cancellationToken);
        if (file is null)
        {
            return (ShareState.Valid, null);
        }

        try
        {
            string type = await DiskContentType.OfAsync(target.Key, file, cancellationToken);
            return (ShareState.Valid, new SharedFile(file, Facts(target, file.ETag, file.LastModified, file.Length, type, null)));
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<(ShareState State, SharedFile? File)> OpenObjectAsync(ShareLink link, CancellationToken cancellationToken)
    {
        ShareTarget target = link.Target;
        if (!BucketName.TryParse(target.Container, out BucketName name)
            || await objects.Buckets.FindAsync(name, cancellationToken) is not { } bucket
            || bucket.Id != target.BucketId
            || bucket.OwnerId != link.OwnerId)
        {
            return (ShareState.Revoked, null);
        }

        (StoredObject? found, IObjectContent? content) =
            await objects.Reader.OpenAsync(bucket, ObjectKey.FromUtf8(target.Key), target.Version, cancellationToken);
        return found is null || content is null
            ? (ShareState.Valid, null)
            : (ShareState.Valid, new SharedFile(
                content, Facts(target, found.ETag, found.LastModified, found.Size, found.Metadata.ContentType, found.Metadata.ContentEncoding))
            {
                Object = found,
                IsLogged = BucketLogging.Stored.IsSet(bucket),
            });
    }

    /// <summary>The headers of the answer: of an object's stored headers only its type and coding, since others could weaken the browser's protection.</summary>
    private static ReadFacts Facts(ShareTarget target, ETag etag, DateTimeOffset modified, long size, string type, string? coding)
    {
        string sent = SharedDisposition.ContentType(type);
        return new ReadFacts(etag, modified, size, new ObjectMetadata
        {
            ContentType = sent,
            ContentEncoding = coding,
            ContentDisposition = SharedDisposition.Of(sent, target.Key),
            CacheControl = SharedHeaders.CacheControl,
        });
    }
}

/// <summary>The opened target of a link.</summary>
internal sealed record SharedFile(IObjectContent Content, ReadFacts Facts)
{
    /// <summary>The object; null for a file of a disk.</summary>
    public StoredObject? Object { get; init; }

    /// <summary>Whether the object's bucket has requests for it logged.</summary>
    public bool IsLogged { get; init; }
}

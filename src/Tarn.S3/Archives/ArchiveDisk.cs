using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;

namespace Tarn.S3.Archives;

/// <summary>A disk that an archive is made of, which the requester may read as a whole.</summary>
internal sealed class ArchiveDisk(DiskStore disks, Disk disk, Principal principal) : ArchivePlace
{
    public override string Name => disk.Id.Value;

    public override string Identity => disk.Id.Value;

    public override ulong? BucketId => null;

    public override string OwnerId => principal.OwnerId;

    public override bool IsLogged => false;

    public override Principal Principal => principal;

    public override ValueTask<string?> DenyListingAsync(string prefix, CancellationToken cancellationToken) => ValueTask.FromResult<string?>(null);

    public override async ValueTask<(IReadOnlyList<IListedObject> Objects, byte[]? Next)> ListAsync(byte[] prefix, byte[]? after, CancellationToken cancellationToken)
    {
        DiskPage page = await disks.Lister.ListAsync(disk, principal.OwnerId, new DiskQuery { Prefix = prefix, After = after, AnyCharacter = true }, cancellationToken);
        return (page.Objects, page.IsTruncated ? page.Last : null);
    }

    public override async ValueTask<long> LookAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await using DiskFile file = await FindAsync(key, cancellationToken);
        return file.Length;
    }

    public override async ValueTask<OpenedKey> OpenAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        DiskFile file = await FindAsync(key, cancellationToken);
        return new OpenedKey(file, file.LastModified);
    }

    /// <summary>Whoever found the disk may read all of it.</summary>
    public override ValueTask ThrowIfDeniedAsync(ObjectKey key, OpenedKey opened, CancellationToken cancellationToken) => default;

    private async ValueTask<DiskFile> FindAsync(ObjectKey key, CancellationToken cancellationToken) =>
        await disks.Reader.OpenAsync(disk, key.Utf8, cancellationToken) ?? throw Missing(key);
}

using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;

namespace Tarn.S3.Archives;

/// <summary>A disk that an archive is made of, which the requester may read as a whole.</summary>
internal sealed class ArchiveDisk(DiskStore disks, Disk disk, Principal principal) : ArchivePlace
{
    public override string Identity => disk.Id.Value;

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

    public override async ValueTask<(IObjectContent Content, DateTimeOffset Modified)> OpenAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        DiskFile file = await FindAsync(key, cancellationToken);
        return (file, file.LastModified);
    }

    private async ValueTask<DiskFile> FindAsync(ObjectKey key, CancellationToken cancellationToken) =>
        await disks.Reader.OpenAsync(disk, key.Utf8, cancellationToken) ?? throw Missing(key);
}

using System.Text;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Trees;

namespace Tarn.Tests.Disks;

public sealed class SnapshotLoaderTests
{
    /// <summary>Names of file systems whose longest are not the kernel's NAME_MAX: 255 characters of NTFS are up to 765 bytes.</summary>
    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    [InlineData(257, false)]
    [InlineData(765, false)]
    public async Task A_name_that_is_longer_than_a_key_may_have_it_is_left_out(int length, bool kept)
    {
        using var fixture = new DiskFixture();
        Disk disk = await fixture.AttachAsync();
        var told = new List<(LeftOutReason Reason, string Path)>();
        var limits = new SnapshotLimits(100, 10_000);
        var loader = new SnapshotLoader(
            new SnapshotCache(0), limits, new LeftOut((_, reason, path) => told.Add((reason, path))), TimeProvider.System);
        string name = string.Concat(Enumerable.Repeat("日", length / 3)) + new string('x', length % 3);
        foreach (EntryType type in new[] { EntryType.Regular, EntryType.Directory, EntryType.Link, EntryType.Unknown })
        {
            var builder = new SnapshotBuilder(limits, []);
            loader.Take(builder, type, Encoding.UTF8.GetBytes(name), disk, "dir/"u8);
            loader.Take(builder, EntryType.Regular, "short"u8, disk, "dir/"u8);
            DirectorySnapshot built = builder.Build();
            Assert.Equal(1 + (!kept ? 0 : type is EntryType.Regular or EntryType.Directory ? 1 : 2), built.Count);
            Assert.Equal("short"u8.ToArray(), built.Name(0).ToArray());
        }

        Assert.Equal(kept ? [] : [(LeftOutReason.Length, "dir/" + name)], told);
        Assert.Equal(kept, DiskPath.IsCanonical(Encoding.UTF8.GetBytes("dir/" + name)));
    }
}

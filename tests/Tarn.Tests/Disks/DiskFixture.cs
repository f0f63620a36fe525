using System.Text;
using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Mounts;
using Tarn.Core.Disks.Reading;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;
using MemoryKeyValueStore = Tarn.Core.KeyValue.MemoryKeyValueStore;

namespace Tarn.Tests.Disks;

/// <summary>A catalog and a store of disks over a new temporary directory.</summary>
internal sealed class DiskFixture : IDisposable
{
    private readonly TemporaryDirectory _scratch = new("disks");

    internal DiskFixture(DiskOptions? options = null, TimeProvider? clock = null, IMountTable? mounts = null)
    {
        Directory.CreateDirectory(Data);
        Directory.CreateDirectory(Tree);
        var places = new DiskPlaces(Path.Combine(Data, "disks"), Data);
        Catalog = new DiskCatalog(KeyValue, places, mounts ?? LinuxMountTable.Shared, clock ?? TimeProvider.System, new SeededRandomSource(1));
        Store = new DiskStore(
            Catalog, options ?? new DiskOptions(), clock ?? TimeProvider.System, (_, reason, path) => LeftOut.Add((reason, path)),
            (_, notice, text) => Mounts.Add((notice, text)));
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public MemoryKeyValueStore KeyValue { get; } = new();

    public string Data => _scratch.PathOf("data");

    /// <summary>The directory to attach.</summary>
    public string Tree => _scratch.PathOf("tree");

    public string Outside => _scratch.FullPath;

    public DiskCatalog Catalog { get; }

    public DiskStore Store { get; }

    /// <summary>The store's reports about entries left out.</summary>
    public List<(LeftOutReason Reason, string Path)> LeftOut { get; } = [];

    /// <summary>The store's reports about file systems.</summary>
    public List<(MountNotice Notice, string Text)> Mounts { get; } = [];

    public async Task<Disk> AttachAsync() => (await Catalog.AttachAsync("org", "disk", Tree, Token))!;

    public async Task<List<string>> AllAsync(Disk disk, DiskQuery query)
    {
        var found = new List<string>();
        while (true)
        {
            DiskPage page = await Store.Lister.ListAsync(disk, "owner", query, Token);
            found.AddRange(Merge(page));
            if (!page.IsTruncated)
            {
                return found;
            }

            Assert.NotNull(page.Last);
            bool isWithin = query.ByDirectory && query.After is { } after && after.AsSpan().StartsWith(page.Last);
            Assert.True(query.After is null || isWithin || page.Last.AsSpan().SequenceCompareTo(query.After) > 0, "A listing does not get on.");
            query = query with { After = page.Last };
        }
    }

    /// <summary>Keys and common prefixes of a page together, as text of one character for each byte; each of the two must be in order.</summary>
    public static List<string> Merge(DiskPage page)
    {
        List<string> keys = [.. page.Objects.Select(o => Encoding.Latin1.GetString(o.Key.Utf8))];
        List<string> prefixes = [.. page.CommonPrefixes.Select(Encoding.Latin1.GetString)];
        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
        Assert.Equal(prefixes.Order(StringComparer.Ordinal), prefixes);
        return [.. keys.Concat(prefixes).Order(StringComparer.Ordinal)];
    }

    public async Task<byte[]?> ReadAsync(Disk disk, string key)
    {
        DiskFile? file = await Store.Reader.OpenAsync(disk, RawFiles.Raw(key), Token);
        return file is null ? null : await Objects.StoreFixture.ReadAsync(file, 0, file.Length);
    }

    public void Dispose()
    {
        Store.Dispose();
        Core.Disks.Linux.TreeRemoval.Remove(_scratch.FullPath);
        _scratch.Dispose();
    }
}

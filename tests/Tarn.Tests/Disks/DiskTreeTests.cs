using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;
using Tarn.TestKit.Clocks;

namespace Tarn.Tests.Disks;

/// <summary>What is reachable and shown, and that it is the current state.</summary>
public sealed class DiskTreeTests
{
    [Fact]
    public async Task No_link_leads_out()
    {
        using var fixture = new DiskFixture();
        await File.WriteAllTextAsync(Path.Combine(fixture.Outside, "secret"), "secret", DiskFixture.Token);
        var tree = new ModelTree();
        ModelNode.Folder below = new() { ["up"] = new ModelNode.Link("../../secret"), ["far"] = new ModelNode.Link("../../../../../../../../etc/passwd") };
        tree.Root["below"] = below;
        tree.Root["absolute"] = new ModelNode.Link(Path.Combine(fixture.Outside, "secret"));
        tree.Root["directory"] = new ModelNode.Link(fixture.Outside);
        tree.Root["chain"] = new ModelNode.Link("below/../chain2");
        tree.Root["chain2"] = new ModelNode.Link("/../../" + fixture.Outside + "/secret");
        tree.Root["proc"] = new ModelNode.Link("/proc/self/root/etc/passwd");
        tree.Root["etc"] = new ModelNode.Folder { ["passwd"] = new ModelNode.Regular("inside"u8.ToArray()) };
        tree.Make(fixture.Tree);
        Disk disk = await fixture.AttachAsync();

        // The only link with a target inside the disk leads to that target.
        Assert.Equal(["below/far", "etc/passwd"], await fixture.AllAsync(disk, new DiskQuery()));
        Assert.Equal("inside"u8.ToArray(), await fixture.ReadAsync(disk, "below/far"));
        foreach (string key in new[] { "below/up", "absolute", "directory/secret", "chain", "chain2", "proc", "../secret", "below/../../secret", "/etc/passwd" })
        {
            Assert.Null(await fixture.ReadAsync(disk, key));
        }
    }

    [Fact]
    public async Task The_links_of_proc_are_no_paths()
    {
        using var fixture = new DiskFixture();
        Disk disk = (await fixture.Catalog.AttachAsync("org", "proc", "/proc", DiskFixture.Token))!;
        Assert.NotNull(await fixture.Store.Reader.OpenAsync(disk, "self/status"u8.ToArray(), DiskFixture.Token));
        foreach (string key in new[] { "self/root/etc/passwd", "self/cwd", "self/exe", "self/fd/0", "self/fd/1" })
        {
            Assert.Null(await fixture.ReadAsync(disk, key));
        }
    }

    [Fact]
    public async Task A_link_to_a_directory_that_it_is_in_is_not_followed()
    {
        using var fixture = new DiskFixture();
        var tree = new ModelTree();
        tree.Root["a"] = new ModelNode.Folder
        {
            ["file"] = new ModelNode.Regular("1"u8.ToArray()), ["self"] = new ModelNode.Link("."), ["root"] = new ModelNode.Link("/"), ["b"] = new ModelNode.Link("../b"),
        };
        tree.Root["b"] = new ModelNode.Folder { ["back"] = new ModelNode.Link("/a"), ["file"] = new ModelNode.Regular("2"u8.ToArray()) };
        tree.Make(fixture.Tree);
        Disk disk = await fixture.AttachAsync();
        Assert.Equal(["a/b/file", "a/file", "b/back/file", "b/file"], await fixture.AllAsync(disk, new DiskQuery()));
        Assert.Equal(["a/b/", "a/file"], await fixture.AllAsync(disk, new DiskQuery { Prefix = "a/"u8.ToArray(), ByDirectory = true }));
        Assert.Empty(await fixture.AllAsync(disk, new DiskQuery { Prefix = "a/self/"u8.ToArray() }));
        Assert.Equal("2"u8.ToArray(), await fixture.ReadAsync(disk, "a/b/file"));
        foreach (string key in new[] { "a/self/file", "a/root/b/file", "a/b/back/file", "b/back/b/file" })
        {
            Assert.Null(await fixture.ReadAsync(disk, key));
        }

        Assert.Contains(fixture.LeftOut, l => l.Reason == LeftOutReason.Cycle);
    }

    [Fact]
    public async Task A_deep_tree_is_listed_with_few_open_directories()
    {
        using var fixture = new DiskFixture();
        var tree = new ModelTree();
        ModelNode.Folder folder = tree.Root;
        for (int i = 0; i < 120; i++)
        {
            folder["a"] = new ModelNode.Regular([1]);
            folder["z"] = new ModelNode.Regular([2]);
            folder["zz"] = new ModelNode.Link("z");
            var below = new ModelNode.Folder();
            folder["m"] = below;
            folder = below;
        }

        tree.Make(fixture.Tree);
        Disk disk = await fixture.AttachAsync();
        var oracle = new ListingOracle(tree, anyCharacter: true);
        Assert.Equal(360, oracle.Files.Count);
        foreach (int page in new[] { 1000, 7, 1 })
        {
            var query = new DiskQuery { MaxKeys = page };
            Assert.Equal(oracle.List(query), await fixture.AllAsync(disk, query));
        }
    }

    [Fact]
    public async Task A_listing_shows_every_change_although_it_remembers_names()
    {
        // So far in the future that every directory has settled: everything cacheable is cached.
        var clock = new ShiftedTimeProvider { Ahead = TimeSpan.FromHours(1) };
        using var fixture = new DiskFixture(clock: clock);
        string directory = Path.Combine(fixture.Tree, "d");
        Directory.CreateDirectory(directory);
        for (int i = 0; i < 400; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, $"f{i:d4}"), "", DiskFixture.Token);
        }

        Disk disk = await fixture.AttachAsync();
        Assert.Equal(400, (await fixture.AllAsync(disk, new DiskQuery())).Count);
        Assert.True(fixture.Store.Lister.Cache.Held > 0);
        await File.WriteAllTextAsync(Path.Combine(directory, "f0000x"), "new", DiskFixture.Token);
        File.Delete(Path.Combine(directory, "f0399"));
        File.Move(Path.Combine(directory, "f0001"), Path.Combine(directory, "g"));
        await File.WriteAllTextAsync(Path.Combine(directory, "f0002"), "longer", DiskFixture.Token);
        List<string> now = await fixture.AllAsync(disk, new DiskQuery());
        Assert.Equal(["d/f0000", "d/f0000x", "d/f0002", "d/f0003"], now[..4]);
        Assert.Equal(["d/f0398", "d/g"], now[^2..]);
        DiskPage page = await fixture.Store.Lister.ListAsync(disk, "", new DiskQuery { After = "d/f0001"u8.ToArray(), MaxKeys = 1 }, DiskFixture.Token);
        Assert.Equal(6, page.Objects[0].Size);
    }

    [Fact]
    public async Task Many_files_are_looked_at_together_where_it_takes_long()
    {
        using var fixture = new DiskFixture(new DiskOptions { SlowLook = TimeSpan.Zero });
        List<string> expected = [];
        for (int i = 0; i < 200; i++)
        {
            expected.Add($"f{i:d3}");
            await File.WriteAllTextAsync(Path.Combine(fixture.Tree, expected[^1]), new string('x', i), DiskFixture.Token);
        }

        Disk disk = await fixture.AttachAsync();
        DiskPage page = await fixture.Store.Lister.ListAsync(disk, "", new DiskQuery(), DiskFixture.Token);
        Assert.Equal(expected, DiskFixture.Merge(page));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => (long)i), page.Objects.Select(o => o.Size));
    }

    [Fact]
    public async Task Names_are_remembered_only_of_a_directory_that_has_settled_and_in_bounded_memory()
    {
        var clock = new FakeTimeProvider();
        using var fixture = new DiskFixture(new DiskOptions { CacheBytes = 20_000 }, clock);
        foreach (string name in new[] { "a", "b", "c" })
        {
            string directory = Path.Combine(fixture.Tree, name);
            Directory.CreateDirectory(directory);
            for (int i = 0; i < 500; i++)
            {
                await File.WriteAllTextAsync(Path.Combine(directory, $"file-{i:d8}"), "", DiskFixture.Token);
            }
        }

        // As if no time had passed since the last change.
        clock.AdjustTime(new DateTimeOffset(Directory.GetLastWriteTimeUtc(Path.Combine(fixture.Tree, "a")), TimeSpan.Zero) + TimeSpan.FromMilliseconds(1));
        Disk disk = await fixture.AttachAsync();
        Assert.Equal(1500, (await fixture.AllAsync(disk, new DiskQuery())).Count);
        Assert.Equal(0, fixture.Store.Lister.Cache.Held);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1500, (await fixture.AllAsync(disk, new DiskQuery())).Count);
        Assert.InRange(fixture.Store.Lister.Cache.Held, 1, 20_000);
    }

    [Fact]
    public async Task What_may_not_be_read_is_left_out_of_listings_and_denied_to_readers()
    {
        using var fixture = new DiskFixture();
        foreach (string name in new[] { "closed/x", "file", "open/y", "private" })
        {
            string path = Path.Combine(fixture.Tree, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, name, DiskFixture.Token);
        }

        RawFiles.ChangeMode(fixture.Outside, 0x1ED);
        RawFiles.ChangeMode(Path.Combine(fixture.Tree, "closed"), 0);
        RawFiles.ChangeMode(Path.Combine(fixture.Tree, "private"), 0);
        Disk disk = await fixture.AttachAsync();
        List<string>? all = null;
        List<string>? directories = null;
        S3Error? denied = null;
        S3Error? within = null;
        var thread = new Thread(() =>
        {
            // Only this thread runs as another user, to whom file modes apply.
            RawFiles.BecomeForFiles(65534);
            using DiskTree tree = DiskTree.Open(disk.RootPath, disk.IsAttached);
            all = DiskFixture.Merge(fixture.Store.Lister.List(tree, disk, "", new DiskQuery(), default));
            directories = DiskFixture.Merge(fixture.Store.Lister.List(tree, disk, "", new DiskQuery { ByDirectory = true }, default));
            denied = Refusal(() => fixture.Store.Reader.OpenAsync(disk, "private"u8.ToArray(), default).AsTask().GetAwaiter().GetResult());
            within = Refusal(() => fixture.Store.Reader.OpenAsync(disk, "closed/x"u8.ToArray(), default).AsTask().GetAwaiter().GetResult());
        });
        thread.Start();
        thread.Join();
        RawFiles.ChangeMode(Path.Combine(fixture.Tree, "closed"), 0x1ED);
        Assert.Equal(["file", "open/y", "private"], all!);
        Assert.Equal(["closed/", "file", "open/", "private"], directories!);
        Assert.Equal((S3Error.AccessDenied, S3Error.AccessDenied), (denied, within));
        Assert.Single(fixture.LeftOut, l => l.Reason == LeftOutReason.Permission);
    }

    [Fact]
    public async Task Paths_up_to_the_kernels_longest_are_shown_and_longer_ones_are_left_out()
    {
        using var fixture = new DiskFixture();
        var tree = new ModelTree();
        ModelNode.Folder folder = tree.Root;
        for (int i = 0; i < 15; i++)
        {
            var below = new ModelNode.Folder();
            folder[new string('d', 255)] = below;
            folder = below;
        }

        // 15 × 256 bytes lead there: 255 more are the longest path, and a directory in it is too deep.
        folder[new string('f', 255)] = new ModelNode.Regular("longest"u8.ToArray());
        folder[new string('g', 255)] = new ModelNode.Folder { ["x"] = new ModelNode.Regular([]) };
        tree.Make(fixture.Tree);
        Disk disk = await fixture.AttachAsync();
        string key = Assert.Single(await fixture.AllAsync(disk, new DiskQuery()));
        Assert.Equal(DiskPath.MaxLength, key.Length);
        Assert.Equal("longest"u8.ToArray(), await fixture.ReadAsync(disk, key));
        Assert.Contains(fixture.LeftOut, l => l.Reason == LeftOutReason.Length);
    }

    private static S3Error? Refusal(Action act)
    {
        try
        {
            act();
            return null;
        }
        catch (S3Exception e)
        {
            return e.Error;
        }
    }
}

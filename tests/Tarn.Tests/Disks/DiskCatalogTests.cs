using System.Net;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Errors;

namespace Tarn.Tests.Disks;

public sealed class DiskCatalogTests
{
    [Theory]
    [InlineData("dsk-0123456789abcdef", true)]
    [InlineData("dsk-0123456789ABCDEF", false)]
    [InlineData("dsk-0123456789abcde", false)]
    [InlineData("dsk-0123456789abcdef0", false)]
    [InlineData("dsk_0123456789abcdef", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void An_id_has_one_shape(string? text, bool valid)
    {
        Assert.Equal(valid, DiskId.TryParse(text, out DiskId id));
        Assert.Equal(valid, DiskId.HasShape(text));
        Assert.Equal(valid ? text : "", id.ToString());
    }

    [Fact]
    public async Task A_made_disk_has_a_tree_of_its_own_that_goes_with_it()
    {
        using var fixture = new DiskFixture();
        Disk disk = (await fixture.Catalog.CreateAsync("org", "made", DiskFixture.Token))!;
        Assert.Equal(("made", "org", false, Path.Combine(fixture.Data, "disks", disk.Id.Value)), (disk.Name, disk.Organization, disk.IsAttached, disk.RootPath));
        var tree = new ModelTree();
        tree.Root["file"] = new ModelNode.Regular("1"u8.ToArray());
        tree.Root["\u00ff"] = new ModelNode.Folder { ["\u00fe\n"] = new ModelNode.Folder { ["x"] = new ModelNode.Regular([]) }, ["pipe"] = new ModelNode.Pipe() };
        tree.Root["out"] = new ModelNode.Link(fixture.Tree);
        tree.Make(disk.RootPath);
        await File.WriteAllTextAsync(Path.Combine(fixture.Tree, "stays"), "!", DiskFixture.Token);
        Assert.Equal("1"u8.ToArray(), await fixture.ReadAsync(disk, "file"));
        Assert.Null(await fixture.Catalog.CreateAsync("org", "made", DiskFixture.Token));
        Assert.Single(Directory.GetDirectories(Path.Combine(fixture.Data, "disks")));
        Assert.True(await fixture.Catalog.DeleteAsync(disk.Id, DiskFixture.Token));
        Assert.False(Directory.Exists(disk.RootPath));
        Assert.True(File.Exists(Path.Combine(fixture.Tree, "stays")));
        Assert.False(await fixture.Catalog.DeleteAsync(disk.Id, DiskFixture.Token));
        Assert.Null(await fixture.Catalog.FindAsync(disk.Id, DiskFixture.Token));
        Assert.NotNull(await fixture.Catalog.CreateAsync("org", "made", DiskFixture.Token));
    }

    [Fact]
    public async Task An_attached_tree_outlives_its_disk()
    {
        using var fixture = new DiskFixture();
        Disk disk = await fixture.AttachAsync();
        Assert.True(disk.IsAttached);
        await File.WriteAllTextAsync(Path.Combine(fixture.Tree, "stays"), "!", DiskFixture.Token);
        Assert.True(await fixture.Catalog.DeleteAsync(disk.Id, DiskFixture.Token));
        Assert.True(File.Exists(Path.Combine(fixture.Tree, "stays")));
    }

    [Fact]
    public async Task Why_a_tree_cannot_be_made_is_no_answer_to_who_asks()
    {
        using var fixture = new DiskFixture();
        await File.WriteAllTextAsync(Path.Combine(fixture.Data, "disks"), "in the way", DiskFixture.Token);

        // The message of a refusal is sent to the client; that of anything else is only logged.
        await Assert.ThrowsAnyAsync<IOException>(async () => await fixture.Catalog.CreateAsync("org", "made", DiskFixture.Token));
        Assert.Null(await fixture.Catalog.FindByNameAsync("org", "made", DiskFixture.Token));
    }

    [Fact]
    public async Task A_made_tree_that_became_a_link_takes_nothing_with_it()
    {
        using var fixture = new DiskFixture();
        Disk disk = (await fixture.Catalog.CreateAsync("org", "made", DiskFixture.Token))!;
        await File.WriteAllTextAsync(Path.Combine(fixture.Tree, "stays"), "!", DiskFixture.Token);
        Directory.Delete(disk.RootPath);
        Directory.CreateSymbolicLink(disk.RootPath, fixture.Tree);
        await Assert.ThrowsAsync<S3Exception>(() => fixture.ReadAsync(disk, "stays"));
        Assert.True(await fixture.Catalog.DeleteAsync(disk.Id, DiskFixture.Token));
        Assert.True(File.Exists(Path.Combine(fixture.Tree, "stays")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(disk.RootPath)!));
    }

    [Fact]
    public async Task A_link_that_takes_the_place_of_an_attached_directory_or_of_one_above_it_shows_nothing()
    {
        using var fixture = new DiskFixture();
        string above = Path.Combine(fixture.Tree, "above");
        string root = Path.Combine(above, "root");
        Directory.CreateDirectory(root);
        await File.WriteAllTextAsync(Path.Combine(root, "file"), "shown", DiskFixture.Token);
        string secret = Path.Combine(fixture.Outside, "elsewhere");
        Directory.CreateDirectory(Path.Combine(secret, "root"));
        await File.WriteAllTextAsync(Path.Combine(secret, "file"), "secret", DiskFixture.Token);
        await File.WriteAllTextAsync(Path.Combine(secret, "root", "file"), "secret", DiskFixture.Token);
        Disk disk = (await fixture.Catalog.AttachAsync("org", "disk", root, DiskFixture.Token))!;
        Assert.Equal("shown"u8.ToArray(), await fixture.ReadAsync(disk, "file"));

        Directory.Move(root, root + "-moved");
        Directory.CreateSymbolicLink(root, secret);
        await RefusedAsync();

        Directory.Delete(root);
        Directory.Move(root + "-moved", root);
        Assert.Equal("shown"u8.ToArray(), await fixture.ReadAsync(disk, "file"));
        Directory.Move(above, above + "-moved");
        Directory.CreateSymbolicLink(above, secret);
        await RefusedAsync();

        async Task RefusedAsync()
        {
            Assert.Equal(S3Error.ServiceUnavailable, (await Assert.ThrowsAsync<S3Exception>(() => fixture.ReadAsync(disk, "file"))).Error);
            Assert.Equal(
                S3Error.ServiceUnavailable, (await Assert.ThrowsAsync<S3Exception>(() => fixture.AllAsync(disk, new DiskQuery()))).Error);
        }
    }

    [Fact]
    public async Task What_would_show_the_servers_own_data_or_is_no_directory_is_not_attached()
    {
        using var fixture = new DiskFixture();
        Directory.CreateDirectory(Path.Combine(fixture.Data, "meta"));
        await File.WriteAllTextAsync(Path.Combine(fixture.Outside, "file"), "", DiskFixture.Token);
        Directory.CreateSymbolicLink(Path.Combine(fixture.Outside, "link"), Path.Combine(fixture.Data, "meta"));
        foreach (string path in new[]
        {
            fixture.Data, Path.Combine(fixture.Data, "meta"), fixture.Outside, "/", Path.Combine(fixture.Outside, "link"), Path.Combine(fixture.Tree, "../data"),
            Path.Combine(fixture.Outside, "file"), Path.Combine(fixture.Outside, "missing"), "relative", "",
        })
        {
            await Assert.ThrowsAsync<DiskRefusedException>(async () => await fixture.Catalog.AttachAsync("org", "name", path, DiskFixture.Token));
        }

        foreach (string name in new[] { "", " ", "a\nb", "a\0b", new string('n', 129) })
        {
            await Assert.ThrowsAsync<DiskRefusedException>(async () => await fixture.Catalog.AttachAsync("org", name, fixture.Tree, DiskFixture.Token));
        }
    }

    [Fact]
    public async Task Disks_are_found_by_id_by_name_and_page_by_page()
    {
        using var fixture = new DiskFixture();
        var made = new List<Disk>();
        for (int i = 0; i < 5; i++)
        {
            made.Add((await fixture.Catalog.AttachAsync("org", $"disk {i}", fixture.Tree, DiskFixture.Token))!);
            await fixture.Catalog.AttachAsync("org2", $"disk {i}", fixture.Tree, DiskFixture.Token);
        }

        var listed = new List<DiskId>();
        IReadOnlyList<Disk> page = await fixture.Catalog.ListAsync("org", null, 2, DiskFixture.Token);
        while (page.Count > 0)
        {
            listed.AddRange(page.Select(d => d.Id));
            page = await fixture.Catalog.ListAsync("org", page[^1].Id, 2, DiskFixture.Token);
        }

        Assert.Equal(made.Select(d => d.Id.Value).Order(StringComparer.Ordinal), listed.Select(id => id.Value));
        Disk third = made[3];
        Assert.Equal(third.Id, (await fixture.Catalog.FindByNameAsync("org", "disk 3", DiskFixture.Token))!.Id);
        Assert.Null(await fixture.Catalog.FindByNameAsync("org", "disk 9", DiskFixture.Token));
        Assert.Null(await fixture.Catalog.AttachAsync("org", "disk 3", fixture.Tree, DiskFixture.Token));
        Assert.True(AddressList.TryParse(["10.1.2.3/8"], out AddressList allowed, out _));
        await fixture.Catalog.SetAllowedAddressesAsync(third.Id, allowed, DiskFixture.Token);
        Assert.Equal(["10.0.0.0/8"], (await fixture.Catalog.FindAsync(third.Id, DiskFixture.Token))!.AllowedAddresses.Networks);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7/32", "192.0.2.7", "192.0.2.8")]
    [InlineData("192.0.2.7/24", "192.0.2.0/24", "192.0.2.255", "192.0.3.0")]
    [InlineData("10.0.100.0/24", "10.0.100.0/24", "10.0.100.1", "10.0.1.1")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", "203.0.113.9", "::1")]
    [InlineData("2001:db8::1/32", "2001:db8::/32", "2001:db8:ffff::", "2001:db9::")]
    [InlineData("192.0.2.7", "192.0.2.7/32", "::ffff:192.0.2.7", "::ffff:192.0.2.8")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7/32", "::ffff:192.0.2.7", "192.0.2.8")]
    [InlineData("::ffff:c000:207/120", "192.0.2.0/24", "192.0.2.255", "192.0.3.0")]
    [InlineData("::ffff:0:0/96", "0.0.0.0/0", "203.0.113.9", "2001:db8::1")]
    public void Addresses_are_admitted_by_network(string text, string network, string inside, string outside)
    {
        Assert.True(AddressList.TryParse([text, text], out AddressList list, out _));
        Assert.Equal([network], list.Networks);
        Assert.True(list.Admits(IPAddress.Parse(inside)));
        Assert.False(list.Admits(IPAddress.Parse(outside)));
        Assert.False(list.Admits(null));
        Assert.True(AddressList.Any.Admits(null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("192.0.2")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("010.0.0.1")]
    [InlineData("10.0.00.1/24")]
    [InlineData("192.0.2.1/33")]
    [InlineData("192.0.2.1/-1")]
    [InlineData("192.0.2.1/")]
    [InlineData("fe80::1%eth0")]
    [InlineData("::ffff:192.0.2.1/95")]
    [InlineData("example.com")]
    public void What_is_no_address_is_refused(string text)
    {
        Assert.False(AddressList.TryParse(["192.0.2.1", text], out _, out string? bad));
        Assert.Equal(text, bad);
    }
}

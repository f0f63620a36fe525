using Tarn.Core.Disks.Catalog;

namespace Tarn.Tests.Server;

public sealed class DiskOptionsTests
{
    [Fact]
    public void Roots_are_of_everyone_or_of_one_organization()
    {
        Assert.Empty(Bound.From().DiskRoots);
        Assert.Equal(
            [new DiskRoot("/srv/data", null), new DiskRoot("/srv/acme", "acme"), new DiskRoot("/a=/b", null), new DiskRoot("/x", "o=rg")],
            Bound.From(new() { ["--disk-root"] = ["/srv/data", "acme=/srv/acme", "/a=/b", "o=rg=/x"] }).DiskRoots);
        Assert.Equal(2, Bound.From(variables: new() { ["TARN_DISK_ROOT"] = "/srv/a, acme=/srv/b" }).DiskRoots.Count);
        foreach (string bad in new[] { "", "srv", "./srv", "acme=srv", "=/srv", "a b=/srv", "~/srv" })
        {
            Assert.StartsWith("--disk-root: ", Bound.Refusal(new() { ["--disk-root"] = [bad] }), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_address_of_links_is_a_web_address_and_no_more()
    {
        Assert.Null(Bound.From().ShareUrl);
        Assert.Equal("files.example.com:8443", Bound.From(new() { ["--share-url"] = ["https://files.example.com:8443/"] }).ShareUrl!.Authority);
        foreach (string bad in new[] { "", "files.example.com", "ftp://files.example.com", "https://x/?q", "https://x/#f", "https://u:p@x/" })
        {
            Assert.StartsWith("--share-url: ", Bound.Refusal(new() { ["--share-url"] = [bad] }), StringComparison.Ordinal);
        }
    }
}

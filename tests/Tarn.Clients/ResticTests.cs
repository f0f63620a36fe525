using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;

namespace Tarn.Clients;

/// <summary>restic: many small files under locks of its own, read back and pruned.</summary>
public sealed class ResticTests(ClientServers servers)
{
    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Backup_restore_check_and_prune(string scheme)
    {
        var program = InstalledPrograms.Need("restic");
        using var restic = await ClientSession.OpenAsync(servers, "restic", scheme);
        restic.Environment["RESTIC_REPOSITORY"] = $"s3:{restic.Endpoint.Address}/{restic.Bucket}/repo";
        restic.Environment["RESTIC_PASSWORD"] = "a password";
        if (restic.Endpoint.AuthorityFile is { } authority)
        {
            restic.Environment["SSL_CERT_FILE"] = authority;
        }

        var tree = Path.Combine(restic.Home, "tree");
        Content.WriteTree(tree);
        await restic.RunAsync(program, "init");
        await restic.RunAsync(program, "backup", "tree");
        restic.Write("tree/later", Content.Of(2 * Content.MiB, 90));
        File.Delete(Path.Combine(tree, "folder", "large.bin"));
        await restic.RunAsync(program, "backup", "tree");
        await restic.RunAsync(program, "check", "--read-data");
        await restic.RunAsync(program, "restore", "latest", "--target", "back");
        Assert.Equal(Content.Tree(tree), Content.Tree(Path.Combine(restic.Home, "back", "tree")));

        await restic.RunAsync(program, "forget", "--keep-last", "1", "--prune");
        await restic.RunAsync(program, "check", "--read-data");
        await restic.RunAsync(program, "restore", "latest", "--target", "after");
        Assert.Equal(Content.Tree(tree), Content.Tree(Path.Combine(restic.Home, "after", "tree")));
        Assert.DoesNotContain(await restic.Raw.ListAsync(restic.Bucket), entry => entry.Key.Contains("/locks/", StringComparison.Ordinal));
    }
}

using System.Text;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Disks.Writing;

namespace Tarn.Tests.Disks;

/// <summary>Files that are being written are reachable for no one, under no name: links lead to where their files are too.</summary>
public sealed class StagingSecrecyTests
{
    private static CancellationToken Token => DiskFixture.Token;

    [Fact]
    public async Task No_link_leads_readers_or_writers_to_files_that_are_being_written()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        Directory.CreateDirectory(disk.PathOf("sub/kept"));
        await disk.PutAsync("sub/kept/f", "seen");
        string id = (await disk.Uploads.CreateAsync(disk.Disk, DiskFilePath.Parse("u"), false, null, null, Token)).Id;
        await disk.AppendAsync(id, 0, "secret"u8.ToArray());

        // Another disk may be attached below this one, and have files that are being written too.
        string own = $".tarn-uploads/{disk.Disk.Id}", inner = "sub/.tarn-uploads/dsk-0000000000000000";
        Directory.CreateDirectory(disk.PathOf(inner));
        await File.WriteAllTextAsync(disk.PathOf(inner + "/" + id), "secret", Token);
        string[] directories = [".tarn-uploads", own, "/" + own, "sub/../.tarn-uploads", "sub/.tarn-uploads", inner];
        var links = new List<string>();
        for (int i = 0; i < directories.Length; i++)
        {
            links.Add($"d{i}");
            Directory.CreateSymbolicLink(disk.PathOf($"d{i}"), directories[i]);

            // A link to the link, and one whose path goes through it.
            links.Add($"e{i}");
            Directory.CreateSymbolicLink(disk.PathOf($"e{i}"), $"d{i}");
        }

        File.CreateSymbolicLink(disk.PathOf("f0"), $"{own}/{id}");
        File.CreateSymbolicLink(disk.PathOf("f1"), $"d1/{id}");
        Directory.CreateSymbolicLink(disk.PathOf("way"), "sub");
        foreach (bool byDirectory in new[] { false, true })
        {
            Assert.Equal(
                byDirectory ? ["sub/", "way/"] : ["sub/kept/f", "way/kept/f"],
                await disk.Files.AllAsync(disk.Disk, new DiskQuery { ByDirectory = byDirectory }));
        }

        string[] tails = ["", "/" + id, $"/{disk.Disk.Id}/{id}", $"/dsk-0000000000000000/{id}"];
        foreach (string path in links.SelectMany(link => tails.Select(tail => link + tail)).Concat(["f0", "f1", "way/.tarn-uploads/" + id]))
        {
            await using DiskFile? read = await disk.Files.Store.Reader.OpenAsync(disk.Disk, Encoding.UTF8.GetBytes(path), Token);
            Assert.True(read is null, path);
            Assert.Empty(await disk.Files.AllAsync(disk.Disk, new DiskQuery { Prefix = Encoding.UTF8.GetBytes(path + "/") }));
        }

        foreach (string link in links)
        {
            foreach (Func<Task> change in new Func<Task>[]
            {
                () => disk.PutAsync(link + "/new", "x"), () => disk.MakeAsync(link + "/new"), () => disk.MakeAsync(link + "/new/more", parents: true),
                () => disk.RemoveAsync($"{link}/{disk.Disk.Id}", recursive: true), () => disk.RemoveAsync($"{link}/{id}"), () => disk.RenameAsync($"{link}/{id}", "stolen"),
                () => disk.RenameAsync("sub/kept/f", link + "/f"),
                () => disk.Uploads.CreateAsync(disk.Disk, DiskFilePath.Parse(link + "/new"), false, null, null, Token).AsTask(),
            })
            {
                DiskChangeRefusal refusal = await disk.RefusedAsync(change);
                Assert.True(refusal is DiskChangeRefusal.Absent or DiskChangeRefusal.Conflict, $"{link}: {refusal}");
            }
        }

        Assert.Equal(6, (await disk.Uploads.FindAsync(disk.Disk, id, Token))!.Offset);

        // The links themselves are names like others.
        await disk.RemoveAsync("d0");
        await disk.RenameAsync("d1", "d0");
        await disk.RemoveAsync("d0", recursive: true);
        Assert.Equal(6, (await disk.Uploads.FindAsync(disk.Disk, id, Token))!.Offset);
    }

    [Fact]
    public async Task A_tree_within_such_a_directory_can_be_attached_and_has_links()
    {
        using var files = new DiskFixture(new DiskOptions { ReserveBytes = 0 });
        string root = Path.Combine(files.Tree, ".tarn-uploads", "tree");
        Directory.CreateDirectory(Path.Combine(root, "d"));
        await File.WriteAllTextAsync(Path.Combine(root, "d", "f"), "x", Token);
        Directory.CreateSymbolicLink(Path.Combine(root, "link"), "d");
        Disk disk = (await files.Catalog.AttachAsync("org", "inner", root, Token))!;
        await using DiskFile? read = await files.Store.Reader.OpenAsync(disk, "link/f"u8.ToArray(), Token);
        Assert.NotNull(read);
    }
}

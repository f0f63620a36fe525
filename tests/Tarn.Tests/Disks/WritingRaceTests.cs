using System.Collections.Concurrent;
using Tarn.Core.Disks.Writing;
using Tarn.Core.Errors;

namespace Tarn.Tests.Disks;

/// <summary>Directories of a path that are exchanged for links while files are written below it.</summary>
public sealed class WritingRaceTests
{
    [Fact]
    public async Task A_directory_that_becomes_a_link_while_a_file_is_received_leads_nowhere()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string outside = Directory.CreateDirectory(Path.Combine(disk.Files.Outside, "elsewhere")).FullName;
        Directory.CreateDirectory(disk.PathOf("d"));
        Assert.Equal(DiskChangeRefusal.Absent, await disk.RefusedAsync(() => disk.PutAsync("d/f", "x", before: () =>
        {
            Directory.Move(disk.PathOf("d"), disk.PathOf("old"));
            Directory.CreateSymbolicLink(disk.PathOf("d"), outside);
            return Task.CompletedTask;
        })));
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.Empty(Directory.EnumerateFileSystemEntries(disk.PathOf("old")));

        // A link within the disk leads to its target, as it does for readers.
        Directory.Delete(disk.PathOf("d"));
        Directory.CreateSymbolicLink(disk.PathOf("d"), "old");
        await disk.PutAsync("d/f", "x");
        Assert.Equal("x", disk.Read("old/f"));
    }

    [Fact]
    public async Task Whatever_is_exchanged_meanwhile_nothing_outside_is_created_changed_or_removed()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string outside = Directory.CreateDirectory(Path.Combine(disk.Files.Outside, "elsewhere")).FullName;
        Directory.CreateDirectory(Path.Combine(outside, "sub"));
        await File.WriteAllTextAsync(Path.Combine(outside, "f0"), "untouched", DiskFixture.Token);
        await File.WriteAllTextAsync(Path.Combine(outside, "sub", "f0"), "untouched", DiskFixture.Token);
        Directory.CreateDirectory(disk.PathOf("d/sub"));
        Directory.CreateSymbolicLink(disk.PathOf("link"), outside);
        Directory.CreateSymbolicLink(disk.PathOf("far"), "../elsewhere");
        var unexpected = new ConcurrentBag<Exception>();
        using var done = new CancellationTokenSource();
        Task exchanging = Task.Run(() =>
        {
            using var tree = RawFiles.OpenDirectory(disk.Tree);
            for (int i = 0; !done.IsCancellationRequested; i++)
            {
                RawFiles.Exchange(tree, "d", i % 4 < 2 ? "link" : "far");
            }
        });
        int changed = 0;
        await Task.WhenAll(Enumerable.Range(0, 3).Select(worker => Task.Run(async () =>
        {
            for (int i = 0; i < 150; i++)
            {
                foreach (Func<Task> change in new Func<Task>[]
                {
                    () => disk.PutAsync("d/f0", "new", replaces: true), () => disk.PutAsync($"d/sub/f{worker}", "new", replaces: true), () => disk.MakeAsync($"d/made{worker}"),
                    () => disk.RenameAsync("d/f0", $"d/g{worker}", replaces: true), () => disk.RemoveAsync("d/sub", recursive: true), () => disk.RemoveAsync($"d/made{worker}"),
                    () => disk.MakeAsync("d/sub"), () => disk.RemoveAsync("d/f0"), () => disk.MakeAsync($"d/p{worker}/q/r", parents: true), () => disk.RemoveAsync($"d/p{worker}", recursive: true),
                    () => UploadAsync(disk, "d/f0"), () => disk.RenameAsync("d/sub", $"d/moved{worker}"), () => disk.RenameAsync($"d/moved{worker}", "d/sub"),
                })
                {
                    try
                    {
                        await change();
                        Interlocked.Increment(ref changed);
                    }
                    catch (DiskChangeRefusedException)
                    {
                        // What it was about is elsewhere at the moment.
                    }
                    catch (Exception e) when (e is not S3Exception)
                    {
                        unexpected.Add(e);
                    }
                }
            }
        })));
        await done.CancelAsync();
        await exchanging;
        Assert.Empty(unexpected);
        Assert.True(changed > 100, $"only {changed} changes were made");
        Assert.Equal(["f0", "sub"], Directory.EnumerateFileSystemEntries(outside).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        Assert.Equal(["f0"], Directory.EnumerateFileSystemEntries(Path.Combine(outside, "sub")).Select(path => Path.GetFileName(path)!));
        Assert.Equal(("untouched", "untouched"), (File.ReadAllText(Path.Combine(outside, "f0")), File.ReadAllText(Path.Combine(outside, "sub", "f0"))));
        Assert.Empty(disk.Staged());
    }

    private static async Task UploadAsync(WritingFixture disk, string path)
    {
        string id = (await disk.Uploads.CreateAsync(disk.Disk, DiskFilePath.Parse(path), true, null, null, DiskFixture.Token)).Id;
        try
        {
            await disk.AppendAsync(id, 0, [1]);
            await disk.Uploads.CompleteAsync(disk.Disk, id, null, false, null, DiskFixture.Token);
        }
        finally
        {
            await disk.Uploads.AbortAsync(disk.Disk, id, DiskFixture.Token);
        }
    }
}

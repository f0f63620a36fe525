using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Mounts;
using Tarn.Core.Disks.Writing;
using Tarn.Core.Files;

namespace Tarn.Tests.Disks;

/// <summary>Recursive removals beside subvolumes and renames: what is not, or not any more, in the directory is left.</summary>
public sealed class TreeRemovalTests
{
    private static CancellationToken Token => DiskFixture.Token;

    [Theory]
    [InlineData("d/e/sub", "d")]
    [InlineData("d/e/sub", "d/e")]
    [InlineData("d/e/sub", "d/e/sub")]
    [InlineData("d/e/sub/in", "d/e/sub")]
    public async Task A_subvolume_and_what_is_beside_it_is_left(string subvolume, string removed)
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        await disk.MakeAsync("d/e/sub/in", parents: true);
        string[] files = ["d/e/first", "d/e/sub/f", "d/e/sub/in/f"];
        foreach (string file in files)
        {
            await disk.PutAsync(file, "x");
        }

        ulong inode = InodeOf(disk.PathOf(subvolume));
        disk.Writer.DeviceOf = stat => stat.Identity.Device + (stat.Identity.Inode == inode ? 1UL : 0);
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.RemoveAsync(removed, recursive: true)));
        Assert.All(files, file => Assert.True(File.Exists(disk.PathOf(file))));
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.RemoveAsync(subvolume)));
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.RenameAsync(subvolume, "g")));
    }

    [Theory]
    [InlineData("d", false)]
    [InlineData("d/e", false)]
    [InlineData("d/e/f", false)]
    [InlineData("d", true)]
    [InlineData("d/e/f", true)]
    public async Task A_removal_ends_when_a_directory_that_it_is_in_is_moved_away(string moved, bool byRename)
    {
        var mounts = new HookedMounts();
        using WritingFixture disk = await WritingFixture.StartAsync(mounts: mounts);
        string files = Directory.CreateDirectory(disk.PathOf("d/e/f")).FullName;
        for (int i = 0; i < 3 * DiskWriter.RemovedAtOnce; i++)
        {
            await File.Create(Path.Combine(files, $"{i}")).DisposeAsync();
        }

        string target = byRename ? disk.PathOf("moved") : Path.Combine(disk.Files.Outside, "moved");
        int kept = 0;
        mounts.Read = () =>
        {
            int there = Directory.EnumerateFiles(files).Count();
            if (there == 3 * DiskWriter.RemovedAtOnce)
            {
                return;
            }

            mounts.Read = null;
            kept = there;
            if (byRename)
            {
                disk.RenameAsync(moved, "moved").GetAwaiter().GetResult();
            }
            else
            {
                Directory.Move(disk.PathOf(moved), target);
            }
        };

        // Absent: the path leads nowhere any more.
        Assert.Contains(await disk.RefusedAsync(() => disk.RemoveAsync("d/e", recursive: true)), new[] { DiskChangeRefusal.Conflict, DiskChangeRefusal.Absent });
        Assert.Equal((true, kept), (kept > 0, Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories).Count()));
    }

    [Fact]
    public async Task A_removal_ends_when_who_asked_for_it_may_not_any_more()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        Directory.CreateDirectory(disk.PathOf("d"));
        for (int i = 0; i < 3 * DiskWriter.RemovedAtOnce; i++)
        {
            await File.Create(disk.PathOf($"d/{i}")).DisposeAsync();
        }

        int asked = 0;
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => disk.Writer.RemoveAsync(
            disk.Disk, DiskFilePath.Parse("d"), true, _ => ++asked == 2 ? throw new UnauthorizedAccessException() : ValueTask.CompletedTask, Token).AsTask());
        Assert.Equal(2 * DiskWriter.RemovedAtOnce, Directory.EnumerateFiles(disk.PathOf("d")).Count());
    }

    [Theory]
    [InlineData("top")]
    [InlineData("top/a")]
    [InlineData("top/a/b")]
    [InlineData("top/a/b/c")]
    public async Task A_step_begins_only_where_the_last_one_ended(string moved)
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string files = Directory.CreateDirectory(disk.PathOf("top/a/b/c")).FullName;
        for (int i = 0; i < 10; i++)
        {
            await File.Create(Path.Combine(files, $"{i}")).DisposeAsync();
        }

        using SafeFileHandle root = RawFiles.OpenDirectory(disk.PathOf("top/a"));
        using var removal = new TreeRemoval(root, staysWithinMount: true);
        Assert.False(removal.Step(3, Token));
        string target = Path.Combine(disk.Files.Outside, "moved");
        Directory.Move(disk.PathOf(moved), target);
        Assert.Equal(Errno.Busy, Assert.Throws<IOException>(() => removal.Step(3, Token)).HResult);
        Assert.Equal(7, Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task A_directory_that_is_moved_during_a_step_loses_few_names_more()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string files = Directory.CreateDirectory(disk.PathOf("top/a/b")).FullName;
        for (int i = 0; i < 500; i++)
        {
            await File.Create(Path.Combine(files, $"{i}")).DisposeAsync();
        }

        string target = Path.Combine(disk.Files.Outside, "moved");
        ulong inode = InodeOf(files);
        int seen = 0;
        using SafeFileHandle root = RawFiles.OpenDirectory(disk.PathOf("top"));
        using var removal = new TreeRemoval(root, staysWithinMount: true, stat =>
        {
            // The first time it is seen by its name, the second time it has been opened.
            if (stat.Identity.Inode == inode && ++seen == 2)
            {
                Directory.Move(disk.PathOf("top/a"), target);
            }

            return stat.Identity.Device;
        });
        Assert.Equal(Errno.Busy, Assert.Throws<IOException>(() => removal.Step(1000, Token)).HResult);
        Assert.InRange(Directory.EnumerateFiles(Path.Combine(target, "b")).Count(), 400, 500);
    }

    [Fact]
    public async Task No_directory_is_renamed_during_a_step()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        await disk.MakeAsync("d/e", parents: true);
        await disk.MakeAsync("other");
        MoveGate? moves = null;
        ulong inode = InodeOf(disk.PathOf("d/e"));
        var held = new List<bool>();
        disk.Writer.DeviceOf = stat =>
        {
            if (stat.Identity.Inode == inode)
            {
                moves = disk.Writer.MovesOf(stat.Identity.Device);
                held.Add(moves.IsAlone);
            }

            return stat.Identity.Device;
        };
        await disk.RemoveAsync("d", recursive: true);

        // When it was seen by its name, and when it was opened.
        Assert.Equal([true], held.Distinct());
        using MoveGate.Pass alone = await moves!.RemoveAsync(Token);
        using var cancelled = new CancellationTokenSource();
        Task renaming = disk.Writer.RenameAsync(disk.Disk, DiskFilePath.Parse("other"), DiskFilePath.Parse("moved"), false, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => renaming);
        Assert.True(Directory.Exists(disk.PathOf("other")));
    }

    private static ulong InodeOf(string path)
    {
        using SafeFileHandle directory = RawFiles.OpenDirectory(path);
        Assert.Equal(0, LinuxFiles.Stat(directory, out FileStat stat));
        return stat.Identity.Inode;
    }

    /// <summary>Tells when the table is read: also between the steps of a removal.</summary>
    private sealed class HookedMounts : IMountTable
    {
        public Action? Read { get; set; }

        public MountList Current()
        {
            Read?.Invoke();
            return LinuxMountTable.Shared.Current();
        }

        public FileSystemId Identify(MountEntry mount, SafeFileHandle? directory) => LinuxMountTable.Shared.Identify(mount, directory);
    }
}

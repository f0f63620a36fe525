using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Mounts;
using Tarn.Core.Disks.Writing;

namespace Tarn.Tests.Disks;

/// <summary>Changes of trees that are very deep or very large: they need no more of the machine than small ones, and end when they should.</summary>
public sealed class DeepTreeTests
{
    private const int Levels = 10_000;

    /// <summary>The deepest that a path can name: 4,095 bytes.</summary>
    private const int NamedLevels = 2048;

    private static CancellationToken Token => DiskFixture.Token;

    [Fact]
    public async Task A_tree_of_any_depth_is_removed_with_few_descriptors()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        using (SafeFileHandle tree = RawFiles.OpenDirectory(disk.Tree))
        {
            SafeFileHandle current = RawFiles.OpenDirectory(disk.Tree);
            RawFiles.MakeDirectory(current, "deep");
            Deepen(ref current, "deep");
            for (int i = 0; i < Levels; i++)
            {
                RawFiles.MakeDirectory(current, "d");
                RawFiles.WriteFile(current, "f", [1]);
                Deepen(ref current, "d");
            }

            current.Dispose();
        }

        int before = OpenFiles(), most = 0;
        Task removing = Task.Run(() => disk.RemoveAsync("deep", recursive: true), Token);
        while (!removing.IsCompleted)
        {
            most = Math.Max(most, OpenFiles());
            await Task.Yield();
        }

        await removing;
        Assert.False(Directory.Exists(disk.PathOf("deep")));

        // Other tests run meanwhile, and open files of their own.
        Assert.InRange(most, 0, before + (Levels / 10));
    }

    [Fact]
    public async Task Directories_are_created_as_deep_as_a_path_can_be_also_below_a_link()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string path = string.Join('/', Enumerable.Repeat("d", NamedLevels));
        Assert.True(await disk.Writer.MakeDirectoryAsync(disk.Disk, DiskFilePath.Parse(path), parents: true, Token));
        Assert.False(await disk.Writer.MakeDirectoryAsync(disk.Disk, DiskFilePath.Parse(path), parents: true, Token));
        Directory.CreateDirectory(disk.PathOf("real"));
        Directory.CreateSymbolicLink(disk.PathOf("l"), "real");
        Assert.True(await disk.Writer.MakeDirectoryAsync(disk.Disk, DiskFilePath.Parse("l" + path[1..]), parents: true, Token));
        await disk.PutAsync("l" + path[1..^2] + "/f", "x");
        Assert.NotNull(await disk.Files.ReadAsync(disk.Disk, "l" + path[1..^2] + "/f"));
        await disk.RemoveAsync("d", recursive: true);
        await disk.RemoveAsync("real", recursive: true);
        Assert.Equal([disk.PathOf("l")], Directory.EnumerateFileSystemEntries(disk.Tree).Where(entry => !entry.EndsWith(".tarn-uploads", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_is_in_the_way_of_new_directories_is_named_and_left()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        await disk.MakeAsync("a/b", parents: true);
        await disk.PutAsync("a/f", "x");
        Directory.CreateSymbolicLink(disk.PathOf("a/dangling"), "nowhere");
        Directory.CreateSymbolicLink(disk.PathOf("a/b/up"), "..");
        foreach (string path in new[] { "a/f/c", "a/f/c/d", "a/dangling/c", "a/dangling", "a/f" })
        {
            Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.MakeAsync(path, parents: true)));
        }

        // A link back to where the path has been leads nowhere, as for readers.
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.MakeAsync("a/b/up/c", parents: true)));
        Assert.Equal(["b", "dangling", "f"], Directory.EnumerateFileSystemEntries(disk.PathOf("a")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Creating_directories_ends_when_its_request_does()
    {
        var mounts = new CountingMounts();
        using WritingFixture disk = await WritingFixture.StartAsync(mounts: mounts);
        using var cancelled = new CancellationTokenSource();

        // The table is read when the tree is opened, and once its directory is open: nothing has been created then.
        mounts.Read = count =>
        {
            if (count == 3)
            {
                cancelled.Cancel();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await disk.Writer.MakeDirectoryAsync(disk.Disk, DiskFilePath.Parse(string.Join('/', Enumerable.Repeat("d", 500))), parents: true, cancelled.Token));
        Assert.False(Directory.Exists(disk.PathOf(string.Join('/', Enumerable.Repeat("d", 100)))));
    }

    [Fact]
    public async Task Removing_a_tree_ends_when_the_disk_is_made_read_only()
    {
        var mounts = new CountingMounts();
        using WritingFixture disk = await WritingFixture.StartAsync(mounts: mounts);
        Directory.CreateDirectory(disk.PathOf("d"));
        for (int i = 0; i < 5 * DiskWriter.RemovedAtOnce; i++)
        {
            await File.Create(disk.PathOf($"d/{i}")).DisposeAsync();
        }

        mounts.Read = _ =>
        {
            if (Directory.EnumerateFiles(disk.PathOf("d")).Count() < 5 * DiskWriter.RemovedAtOnce)
            {
                disk.Files.Catalog.SetWritingAsync(disk.Disk.Id, writing: false, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            }
        };
        Assert.Equal(DiskChangeRefusal.Denied, await disk.RefusedAsync(() => disk.RemoveAsync("d", recursive: true)));
        Assert.InRange(Directory.EnumerateFiles(disk.PathOf("d")).Count(), DiskWriter.RemovedAtOnce, (5 * DiskWriter.RemovedAtOnce) - 1);
    }

    private static void Deepen(ref SafeFileHandle current, string name)
    {
        SafeFileHandle next = RawFiles.OpenDirectory(current, name);
        current.Dispose();
        current = next;
    }

    private static int OpenFiles() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();

    /// <summary>Tells how often the table was read, from when that is asked for.</summary>
    private sealed class CountingMounts : IMountTable
    {
        private Action<int>? _read;
        private int _count;

        public Action<int> Read
        {
            set => (_read, _count) = (value, 0);
        }

        public MountList Current()
        {
            _read?.Invoke(++_count);
            return LinuxMountTable.Shared.Current();
        }

        public FileSystemId Identify(MountEntry mount, SafeFileHandle? directory) => LinuxMountTable.Shared.Identify(mount, directory);
    }
}

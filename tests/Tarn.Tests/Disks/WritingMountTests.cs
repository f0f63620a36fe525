using System.Buffers;
using System.Diagnostics;
using Tarn.Core.Blobs;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Writing;
using Tarn.Core.Errors;

namespace Tarn.Tests.Disks;

/// <summary>Writing to disks whose file systems are full, read-only, mounted below the root or gone. Needs the right to mount.</summary>
public sealed class WritingMountTests : IAsyncLifetime
{
    private readonly Stack<string> _mounted = new();
    private WritingFixture _disk = null!;

    public async ValueTask InitializeAsync()
    {
        _disk = await WritingFixture.StartAsync();
        Assert.SkipUnless(Mount("-t", "tmpfs", "-o", "size=2m", "tarn-tree", _disk.Tree), "A file system cannot be mounted here.");
        await _disk.Files.Catalog.SetMountsAsync(_disk.Disk.Id, [], DiskFixture.Token);
        await _disk.PutAsync("first", "x");
    }

    public ValueTask DisposeAsync()
    {
        while (_mounted.TryPop(out string? point))
        {
            Run("umount", "-l", point);
        }

        _disk.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_full_file_system_takes_nothing_leaves_nothing_and_still_takes_deletes()
    {
        DiskUpload upload = await _disk.Uploads.CreateAsync(_disk.Disk, DiskFilePath.Parse("u"), false, null, null, DiskFixture.Token);
        await _disk.AppendAsync(upload.Id, 0, new byte[1 << 20]);
        await Assert.ThrowsAnyAsync<StorageFullException>(() => _disk.PutAsync("large", new string('x', 4 << 20)));
        Assert.False(File.Exists(_disk.PathOf("large")));
        await Assert.ThrowsAnyAsync<StorageFullException>(async () =>
        {
            using UploadAppend append = (await _disk.Uploads.AppendAsync(_disk.Disk, upload.Id, 1 << 20, null, false, WritingFixture.NoGuard, DiskFixture.Token))!;
            await append.AppendAsync(new ReadOnlySequence<byte>(new byte[4 << 20]));
        });
        Assert.Equal(1 << 20, (await _disk.Uploads.FindAsync(_disk.Disk, upload.Id, DiskFixture.Token))!.Offset);
        await _disk.RemoveAsync("first");
        Assert.True(await _disk.Uploads.AbortAsync(_disk.Disk, upload.Id, DiskFixture.Token));
        Assert.Empty(_disk.Staged());
        await _disk.PutAsync("large", new string('x', 1 << 20));
    }

    [Fact]
    public async Task The_reserve_stays_free_while_a_file_of_unknown_length_is_received()
    {
        using WritingFixture disk = await WritingFixture.StartAsync(new DiskOptions());
        Assert.True(Mount("-t", "tmpfs", "-o", "size=64m", "tarn-reserve", disk.Tree));
        await disk.Files.Catalog.SetMountsAsync(disk.Disk.Id, [], DiskFixture.Token);
        using NewDiskFile file = await disk.Writer.BeginAsync(disk.Disk, DiskFilePath.Parse("large"), false, null, DiskFixture.Token);
        StorageFullException refusal = Assert.ThrowsAny<StorageFullException>(() =>
        {
            for (int i = 0; i < 64; i++)
            {
                file.Append(new ReadOnlySequence<byte>(new byte[1 << 20]));
            }
        });
        Assert.Contains("reserved", refusal.Message, StringComparison.Ordinal);
        Run("umount", "-l", _mounted.Pop());
    }

    [Fact]
    public async Task A_read_only_file_system_is_denied()
    {
        Assert.True(Run("mount", "-o", "remount,ro", _disk.Tree));
        Assert.Equal(DiskChangeRefusal.Denied, await _disk.RefusedAsync(() => _disk.PutAsync("f", "x")));
        Assert.Equal(DiskChangeRefusal.Denied, await _disk.RefusedAsync(() => _disk.MakeAsync("d")));
        Assert.Equal(DiskChangeRefusal.Denied, await _disk.RefusedAsync(() => _disk.RemoveAsync("first")));
        Assert.Equal(DiskChangeRefusal.Denied, await _disk.RefusedAsync(() => _disk.RenameAsync("first", "second")));
    }

    [Fact]
    public async Task Another_file_system_below_the_root_is_neither_written_to_nor_removed()
    {
        await _disk.MakeAsync("d/other", parents: true);
        await _disk.PutAsync("d/f", "x");
        Assert.True(Mount("-t", "tmpfs", "-o", "size=1m", "tarn-below", _disk.PathOf("d/other")));
        await File.WriteAllTextAsync(_disk.PathOf("d/other/kept"), "kept", DiskFixture.Token);
        Directory.CreateDirectory(_disk.PathOf("d/other/in"));
        Directory.CreateSymbolicLink(_disk.PathOf("link"), "d/other");
        Directory.CreateDirectory(_disk.PathOf("bound"));
        Directory.CreateDirectory(_disk.PathOf("bind"));
        await _disk.PutAsync("bind/f", "x");
        Assert.True(Mount("--bind", _disk.PathOf("bind"), _disk.PathOf("bound")));
        foreach (Func<Task> change in new Func<Task>[]
        {
            () => _disk.PutAsync("d/other/f", "x"), () => _disk.RenameAsync("d/f", "d/other/f"), () => _disk.RenameAsync("d/other/kept", "d/g"), () => _disk.RemoveAsync("d/other", recursive: true),
            () => _disk.RemoveAsync("d/other"), () => _disk.RemoveAsync("d", recursive: true),

            // Within it, and what it would be moved with.
            () => _disk.MakeAsync("d/other/new"), () => _disk.MakeAsync("d/other/new/more", parents: true), () => _disk.MakeAsync("d/other/in/new", parents: true),
            () => _disk.RenameAsync("d/other/kept", "d/other/renamed"), () => _disk.RemoveAsync("d/other/kept"), () => _disk.RemoveAsync("d/other/in", recursive: true),
            () => _disk.RenameAsync("d", "e"), () => _disk.RenameAsync("d/other", "e"),
            () => _disk.Uploads.CreateAsync(_disk.Disk, DiskFilePath.Parse("d/other/u"), false, null, null, DiskFixture.Token).AsTask(),

            // By a link, and through a mount of the same file system.
            () => _disk.PutAsync("link/f", "x"), () => _disk.MakeAsync("link/new"), () => _disk.RemoveAsync("link/kept"), () => _disk.RenameAsync("link/kept", "link/renamed"),
            () => _disk.PutAsync("bound/f2", "x"), () => _disk.MakeAsync("bound/new"), () => _disk.RemoveAsync("bound/f"), () => _disk.RenameAsync("bound/f", "bound/renamed"),
        })
        {
            Assert.Equal(DiskChangeRefusal.Conflict, await _disk.RefusedAsync(change));
        }

        Assert.Equal(["in", "kept"], Directory.EnumerateFileSystemEntries(_disk.PathOf("d/other")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        Assert.Equal(["f"], Directory.EnumerateFileSystemEntries(_disk.PathOf("bind")).Select(path => Path.GetFileName(path)!));
        Assert.Equal(("kept", "x"), (_disk.Read("d/other/kept"), _disk.Read("d/f")));

        // Readers see them still, under the same paths.
        Assert.Contains("d/other/kept", await _disk.Files.AllAsync((await _disk.Files.Catalog.FindAsync(_disk.Disk.Id, DiskFixture.Token))!, new DiskQuery()));
    }

    [Fact]
    public async Task Nothing_is_staged_in_another_file_system()
    {
        await _disk.RemoveAsync("first");
        Assert.Null(await _disk.Files.Store.DropUploadsAsync((await _disk.Files.Catalog.FindAsync(_disk.Disk.Id, DiskFixture.Token))!, DiskFixture.Token));
        Directory.CreateDirectory(_disk.PathOf(".tarn-uploads"));
        Assert.True(Mount("-t", "tmpfs", "-o", "size=1m,mode=0700", "tarn-staging", _disk.PathOf(".tarn-uploads")));
        Assert.Equal(DiskChangeRefusal.Conflict, await _disk.RefusedAsync(() => _disk.PutAsync("f", "x")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_disk.PathOf(".tarn-uploads")));
    }

    [Fact]
    public async Task An_upload_that_cannot_be_noted_leaves_nothing()
    {
        await _disk.Uploads.CreateAsync(_disk.Disk, DiskFilePath.Parse("u"), false, null, null, DiskFixture.Token);
        string[] before = _disk.Staged();
        Assert.True(Run("mount", "-o", "remount,nr_inodes=50", _disk.Tree));
        for (int i = 0; ; i++)
        {
            try
            {
                await File.Create(_disk.PathOf($"inode{i}")).DisposeAsync();
            }
            catch (IOException)
            {
                // For the bytes there is an inode, for the note there is none.
                File.Delete(_disk.PathOf($"inode{i - 1}"));
                break;
            }
        }

        await Assert.ThrowsAnyAsync<StorageFullException>(
            () => _disk.Uploads.CreateAsync(_disk.Disk, DiskFilePath.Parse("v"), false, null, null, DiskFixture.Token).AsTask());
        Assert.Equal(before.Order(StringComparer.Ordinal), _disk.Staged().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_written_where_a_file_system_is_missing()
    {
        Run("umount", "-l", _mounted.Pop());
        foreach (Func<Task> change in new Func<Task>[]
        {
            () => _disk.PutAsync("f", "x"), () => _disk.MakeAsync("d"), () => _disk.RemoveAsync("first"), () => _disk.RenameAsync("first", "second"),
            () => _disk.Uploads.CreateAsync(_disk.Disk, DiskFilePath.Parse("u"), false, null, null, DiskFixture.Token).AsTask(),
        })
        {
            Assert.Equal(S3Error.ServiceUnavailable, (await Assert.ThrowsAsync<S3Exception>(change)).Error);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_disk.Tree));

        // It may also disappear while a file is received.
        Assert.True(Mount("-t", "tmpfs", "-o", "size=2m", "tarn-tree", _disk.Tree));
        Assert.Equal(S3Error.ServiceUnavailable, (await Assert.ThrowsAsync<S3Exception>(() => _disk.PutAsync("f", "x", before: () =>
        {
            Run("umount", "-l", _mounted.Pop());
            return Task.CompletedTask;
        }))).Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_disk.Tree));
    }

    private bool Mount(params string[] arguments)
    {
        bool done = Run("mount", arguments);
        if (done)
        {
            _mounted.Push(arguments[^1]);
        }

        return done;
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // The program is not there.
        }
    }
}

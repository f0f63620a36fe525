using System.Text;
using Tarn.Core.Blobs;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Writing;
using Tarn.Core.Errors;

namespace Tarn.Tests.Disks;

/// <summary>Files and directories that are written, renamed and removed through a disk.</summary>
public sealed class DiskWritingTests
{
    public static TheoryData<string> BadPaths =>
    [
        "", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/../b", "./a", "a/.", "a/./b", "a\0", "a/\0b", new string('x', 256), "d/" + new string('x', 256) + "/y",
        string.Join('/', Enumerable.Repeat(new string('y', 200), 21)), ".tarn-uploads", ".tarn-uploads/x", "a/.tarn-uploads", "a/.tarn-uploads/b",
    ];

    [Theory]
    [MemberData(nameof(BadPaths))]
    public void A_path_that_nothing_can_have_is_refused(string path) =>
        Assert.Equal(DiskChangeRefusal.Invalid, Assert.Throws<DiskChangeRefusedException>(() => DiskFilePath.Parse(path)).Reason);

    [Fact]
    public void A_path_that_is_not_utf8_is_refused()
    {
        foreach (byte[] bytes in new byte[][] { [0xFF], [0x61, 0x2F, 0xC3, 0x28], [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xF4, 0x90, 0x80, 0x80] })
        {
            Assert.Equal(DiskChangeRefusal.Invalid, Assert.Throws<DiskChangeRefusedException>(() => DiskFilePath.Parse(bytes)).Reason);
        }
    }

    [Fact]
    public async Task A_file_appears_at_once_with_the_entity_tag_and_permissions_that_it_keeps()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        RawFiles.ChangeMode(disk.Tree, 0x1FD); // 0775
        string longest = new('ä', 127);
        DiskFileFacts facts = await disk.PutAsync(longest, "content");
        Assert.Equal((longest, 7), (facts.Path, facts.Size));
        Assert.Equal(0x1B4, disk.ModeOf(longest)); // 0664
        DiskPage page = await disk.Files.Store.Lister.ListAsync(disk.Disk, "", new DiskQuery(), DiskFixture.Token);
        DiskEntry listed = Assert.Single(page.Objects);
        Assert.Equal((Encoding.UTF8.GetBytes(longest).Length, 7, facts.ETag), (listed.Key.Utf8.Length, listed.Size, listed.ETag));
        Assert.Empty(disk.Staged());

        // What replaces a file has its permissions: a private one stays private.
        RawFiles.ChangeMode(disk.PathOf(longest), 0x180); // 0600
        await disk.PutAsync(longest, "other", replaces: true);
        Assert.Equal((0x180, "other"), (disk.ModeOf(longest), disk.Read(longest)));
    }

    [Fact]
    public async Task Nothing_is_replaced_unless_that_was_asked_for()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        await disk.PutAsync("f", "first");
        Directory.CreateDirectory(disk.PathOf("d/e"));
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.PutAsync("f", "second")));

        // It may also appear while the file is being received.
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.PutAsync("g", "mine", before: () => File.WriteAllTextAsync(disk.PathOf("g"), "theirs"))));
        foreach (bool replaces in new[] { false, true })
        {
            Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.PutAsync("d", "file", replaces)));
            Assert.Equal(DiskChangeRefusal.Absent, await disk.RefusedAsync(() => disk.PutAsync("no/f", "file", replaces)));
            Assert.Equal(DiskChangeRefusal.Absent, await disk.RefusedAsync(() => disk.PutAsync("f/x", "file", replaces)));
            Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.RenameAsync("f", "d", replaces)));
            Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.RenameAsync("d", "f", replaces)));
            Assert.Equal(DiskChangeRefusal.Invalid, await disk.RefusedAsync(() => disk.RenameAsync("d", "d/x", replaces)));
            Assert.Equal(DiskChangeRefusal.Absent, await disk.RefusedAsync(() => disk.RenameAsync("no", "x", replaces)));
        }

        Assert.Equal(("first", "theirs"), (disk.Read("f"), disk.Read("g")));
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.RenameAsync("f", "g")));
        await disk.RenameAsync("f", "g", replaces: true);
        Assert.Equal((false, "first"), (File.Exists(disk.PathOf("f")), disk.Read("g")));
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.MakeAsync("g", parents: true)));
    }

    [Fact]
    public async Task Only_one_of_two_writers_of_a_new_file_wins_and_its_bytes_are_whole()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        for (int round = 0; round < 40; round++)
        {
            string path = $"f{round}";
            using var together = new Barrier(2);
            string[] contents = [new('a', 5000), new('b', 70_000)];
            bool[] won = await Task.WhenAll(contents.Select(content => Task.Run(async () =>
            {
                try
                {
                    await disk.PutAsync(path, content, before: () => Task.Run(together.SignalAndWait));
                    return true;
                }
                catch (DiskChangeRefusedException e) when (e.Reason == DiskChangeRefusal.Conflict)
                {
                    return false;
                }
            })));
            Assert.Single(won, w => w);
            Assert.Equal(contents[Array.IndexOf(won, true)], disk.Read(path));
        }

        Assert.Empty(disk.Staged());
    }

    [Fact]
    public async Task A_link_at_the_end_of_a_path_is_never_followed()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string secret = Path.Combine(disk.Files.Outside, "secret");
        await File.WriteAllTextAsync(secret, "secret", DiskFixture.Token);
        File.CreateSymbolicLink(disk.PathOf("out"), secret);
        File.CreateSymbolicLink(disk.PathOf("dangling"), disk.PathOf("target"));
        Directory.CreateSymbolicLink(disk.PathOf("up"), disk.Files.Outside);
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.PutAsync("dangling", "x")));
        Assert.False(File.Exists(disk.PathOf("target")));
        await disk.PutAsync("out", "new", replaces: true);
        Assert.Equal(("secret", "new", null), (await File.ReadAllTextAsync(secret, DiskFixture.Token), disk.Read("out"), new FileInfo(disk.PathOf("out")).LinkTarget));

        // A link out of the disk leads nowhere; what is below it cannot be written either.
        Assert.Equal(DiskChangeRefusal.Absent, await disk.RefusedAsync(() => disk.PutAsync("up/new", "x")));
        Assert.Equal(DiskChangeRefusal.Absent, await disk.RefusedAsync(() => disk.RemoveAsync("up/secret")));
        await disk.RemoveAsync("up", recursive: true);
        Assert.True(File.Exists(secret));

        // One within it leads to where readers see it.
        Directory.CreateDirectory(disk.PathOf("real"));
        Directory.CreateSymbolicLink(disk.PathOf("way"), "/real");
        await disk.PutAsync("way/f", "x");
        Assert.Equal("x", disk.Read("real/f"));
        await disk.RenameAsync("way", "moved");
        Assert.Equal(("/real", "x"), (new FileInfo(disk.PathOf("moved")).LinkTarget, disk.Read("real/f")));
    }

    [Fact]
    public async Task What_is_no_file_is_neither_opened_nor_replaced_but_can_be_removed()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        using (var tree = RawFiles.OpenDirectory(disk.Tree))
        {
            RawFiles.MakePipe(tree, "pipe");
        }

        await disk.PutAsync("f", "x");
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.PutAsync("pipe", "x", replaces: true)));
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.RenameAsync("f", "pipe", replaces: true)));
        Assert.Equal(DiskChangeRefusal.Absent, await disk.RefusedAsync(() => disk.PutAsync("pipe/x", "x")));
        await disk.RemoveAsync("pipe");
        Assert.False(File.Exists(disk.PathOf("pipe")));
    }

    [Fact]
    public async Task A_hard_link_is_replaced_and_the_file_it_was_stays_as_it_is()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string other = Path.Combine(disk.Files.Outside, "other");
        await File.WriteAllTextAsync(other, "kept", DiskFixture.Token);
        using (Microsoft.Win32.SafeHandles.SafeFileHandle open = File.OpenHandle(other))
        {
            Assert.True(Tarn.Core.Files.FileSharing.TryLink(open, disk.PathOf("name")));
        }

        await disk.PutAsync("name", "new", replaces: true);
        Assert.Equal(("kept", "new"), (await File.ReadAllTextAsync(other, DiskFixture.Token), disk.Read("name")));
    }

    [Fact]
    public async Task A_directory_is_removed_when_it_is_empty_or_with_all_in_it()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        await disk.MakeAsync("a/b/c", parents: true);
        await disk.MakeAsync("a/b/c", parents: true);
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.MakeAsync("a/b/c")));
        Assert.Equal(DiskChangeRefusal.Absent, await disk.RefusedAsync(() => disk.MakeAsync("x/y")));
        File.CreateSymbolicLink(disk.PathOf("a/b/out"), disk.Files.Outside);
        await disk.PutAsync("a/b/c/f", "x");
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.RemoveAsync("a")));
        Assert.Equal(DiskChangeRefusal.Absent, await disk.RefusedAsync(() => disk.RemoveAsync("no", recursive: true)));
        await disk.RemoveAsync("a", recursive: true);
        Assert.False(Directory.Exists(disk.PathOf("a")));
        Assert.True(Directory.Exists(disk.Files.Outside));
        await disk.MakeAsync("a");
        await disk.RemoveAsync("a");
        Assert.False(Directory.Exists(disk.PathOf("a")));
    }

    [Fact]
    public async Task An_attached_tree_is_read_only_until_writing_is_turned_on_and_a_made_one_is_not()
    {
        using var files = new DiskFixture(new DiskOptions { ReserveBytes = 0 });
        Disk attached = await files.AttachAsync();
        Disk made = (await files.Catalog.CreateAsync("org", "made", DiskFixture.Token))!;
        Assert.Equal((false, true), (attached.IsWritable, made.IsWritable));
        DiskFilePath path = DiskFilePath.Parse("f");
        Func<Task>[] changes =
        [
            async () => await files.Store.Writer.BeginAsync(attached, path, false, null, DiskFixture.Token),
            async () => await files.Store.Writer.MakeDirectoryAsync(attached, path, false, DiskFixture.Token),
            async () => await files.Store.Writer.RenameAsync(attached, path, DiskFilePath.Parse("g"), false, DiskFixture.Token),
            async () => await files.Store.Writer.RemoveAsync(attached, path, false, WritingFixture.NoGuard, DiskFixture.Token),
            async () => await files.Store.Uploads.CreateAsync(attached, path, false, null, null, DiskFixture.Token),
            async () => await files.Store.Uploads.ListAsync(attached, DiskFixture.Token),
            async () => await files.Store.Uploads.FindAsync(attached, new string('0', 32), DiskFixture.Token),
            async () => await files.Store.Uploads.AppendAsync(attached, new string('0', 32), 0, null, true, WritingFixture.NoGuard, DiskFixture.Token),
            async () => await files.Store.Uploads.CompleteAsync(attached, new string('0', 32), null, false, null, DiskFixture.Token),
            async () => await files.Store.Uploads.AbortAsync(attached, new string('0', 32), DiskFixture.Token),
        ];
        foreach (Func<Task> change in changes)
        {
            Assert.Equal(DiskChangeRefusal.Denied, (await Assert.ThrowsAsync<DiskChangeRefusedException>(change)).Reason);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(files.Tree));
        Assert.True((await files.Store.Writer.MakeDirectoryAsync(made, path, false, DiskFixture.Token)));

        // A disk that is made read-only while a file is received does not get it.
        using NewDiskFile begun = await files.Store.Writer.BeginAsync(made, DiskFilePath.Parse("late"), false, null, DiskFixture.Token);
        await files.Catalog.SetWritingAsync(made.Id, writing: false, DiskFixture.Token);
        Assert.Equal(DiskChangeRefusal.Denied, (await Assert.ThrowsAsync<DiskChangeRefusedException>(async () => await begun.CommitAsync(DiskFixture.Token))).Reason);
        Assert.False(File.Exists(Path.Combine(made.RootPath, "late")));
    }

    [Fact]
    public async Task Staging_that_others_may_use_is_refused()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string staging = disk.PathOf(".tarn-uploads");
        Directory.CreateDirectory(staging);
        RawFiles.ChangeMode(staging, 0x1C2); // 0702
        Assert.Equal(DiskChangeRefusal.Denied, await disk.RefusedAsync(() => disk.PutAsync("f", "x")));
        Directory.Delete(staging);
        Directory.CreateSymbolicLink(staging, disk.Files.Outside);
        Assert.Equal(DiskChangeRefusal.Denied, await disk.RefusedAsync(() => disk.PutAsync("f", "x")));
        Assert.Empty(Directory.EnumerateFiles(disk.Files.Outside));
        File.Delete(staging);
        await disk.PutAsync("f", "x");
    }

    [Fact]
    public async Task The_reserve_stays_free_and_nothing_is_left_of_what_would_use_it()
    {
        using WritingFixture disk = await WritingFixture.StartAsync(new DiskOptions { ReserveBytes = long.MaxValue / 2 });
        Disk made = (await disk.Files.Catalog.CreateAsync("org", "made", DiskFixture.Token))!;
        await Assert.ThrowsAnyAsync<StorageFullException>(async () => await disk.Writer.BeginAsync(made, DiskFilePath.Parse("f"), false, null, DiskFixture.Token));
        await Assert.ThrowsAnyAsync<StorageFullException>(async () => await disk.Writer.MakeDirectoryAsync(made, DiskFilePath.Parse("d"), false, DiskFixture.Token));
        await Assert.ThrowsAnyAsync<StorageFullException>(async () => await disk.Uploads.CreateAsync(made, DiskFilePath.Parse("u"), false, null, null, DiskFixture.Token));
        Assert.Equal([".tarn-uploads"], Directory.EnumerateFileSystemEntries(made.RootPath).Select(path => Path.GetFileName(path)!));

        // A sixteenth of an attached file system is enough; a file that is announced to be larger than the rest is refused before it is sent.
        await Assert.ThrowsAnyAsync<StorageFullException>(async () => await disk.Writer.BeginAsync(disk.Disk, DiskFilePath.Parse("f"), false, 1L << 60, DiskFixture.Token));
    }

    [Fact]
    public async Task Staged_files_are_hidden_from_readers_also_of_a_disk_around_this_one()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        DiskUpload upload = await disk.Uploads.CreateAsync(disk.Disk, DiskFilePath.Parse("u"), false, null, null, DiskFixture.Token);
        await disk.AppendAsync(upload.Id, 0, [1, 2, 3]);
        await disk.PutAsync("f", "x");
        Disk around = (await disk.Files.Catalog.AttachAsync("org", "around", disk.Tree, DiskFixture.Token))!;
        foreach (Disk shown in new[] { disk.Disk, around })
        {
            Assert.Equal(["f"], await disk.Files.AllAsync(shown, new DiskQuery()));
            Assert.Equal(["f"], await disk.Files.AllAsync(shown, new DiskQuery { ByDirectory = true }));
            Assert.Empty(await disk.Files.AllAsync(shown, new DiskQuery { Prefix = ".tarn-uploads/"u8.ToArray() }));
            Assert.Null(await disk.Files.ReadAsync(shown, $".tarn-uploads/{disk.Disk.Id}/{upload.Id}"));
        }
    }

    [Fact]
    public async Task What_the_server_may_not_change_is_denied()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        await disk.PutAsync("warm", "x");
        Directory.CreateDirectory(disk.PathOf("closed"));
        RawFiles.ChangeMode(disk.Files.Outside, 0x1ED);
        RawFiles.ChangeMode(disk.PathOf("closed"), 0x16D); // 0555
        S3Error? denied = null;
        var reasons = new List<DiskChangeRefusal>();
        var thread = new Thread(() =>
        {
            // Only this thread runs as another user, to whom file modes apply.
            RawFiles.BecomeForFiles(65534);
            foreach (Func<Task> change in new Func<Task>[]
            {
                () => disk.MakeAsync("closed/d"), () => disk.RemoveAsync("warm"), () => disk.RenameAsync("warm", "cold"), () => disk.PutAsync("closed/f", "x"),
            })
            {
                try
                {
                    change().GetAwaiter().GetResult();
                }
                catch (DiskChangeRefusedException e)
                {
                    reasons.Add(e.Reason);
                }
                catch (S3Exception e)
                {
                    denied = e.Error;
                }
            }
        });
        thread.Start();
        thread.Join();
        Assert.Equal((4, null), (reasons.Count(reason => reason == DiskChangeRefusal.Denied), denied));
        Assert.True(File.Exists(disk.PathOf("warm")));
    }
}

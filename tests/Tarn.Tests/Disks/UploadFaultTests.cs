using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Disks.Writing;
using Tarn.Core.Files;

namespace Tarn.Tests.Disks;

/// <summary>Uploads whose device fails, whose server ends in the middle of a step, or that two work on at once.</summary>
public sealed class UploadFaultTests
{
    private const int InputOutput = 5; // EIO

    private static readonly byte[] Content = [.. Enumerable.Range(0, 50_000).Select(i => (byte)(i * 11))];

    private static CancellationToken Token => DiskFixture.Token;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_failed_sync_lost_is_not_recorded_however_often_it_is_tried_again(bool keepsParts)
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string id = (await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, null, null, Token)).Id;
        await disk.AppendAsync(id, 0, Content[..20_000]);
        int syncs = 0;

        // The kernel reports a failure once: the next call succeeds, and the bytes are gone.
        disk.Uploads.Sync = file => syncs++ == 0 ? InputOutput : LinuxFiles.SyncFileBytes(file);
        using (UploadAppend append = (await disk.Uploads.AppendAsync(disk.Disk, id, 20_000, null, keepsParts, WritingFixture.NoGuard, Token))!)
        {
            await append.AppendAsync(new ReadOnlySequence<byte>(new byte[30_000]));
            await Assert.ThrowsAsync<IOException>(async () => await append.CommitAsync());

            // As the endpoint does on any failure, and as a caller might.
            await append.KeepPartAsync();
            await Assert.ThrowsAsync<IOException>(async () => await append.CommitAsync());
        }

        Assert.Equal(1, syncs);
        Assert.Equal(20_000, (await disk.Uploads.FindAsync(disk.Disk, id, Token))!.Offset);

        // All that may be lost is written again.
        Assert.Equal(Content.Length, (await disk.AppendAsync(id, 20_000, Content[20_000..])).Offset);
        Assert.NotNull(await disk.Uploads.CompleteAsync(disk.Disk, id, SHA256.HashData(Content), false, null, Token));
        Assert.Equal(Content, await File.ReadAllBytesAsync(disk.PathOf("f"), Token));
    }

    [Fact]
    public async Task A_file_that_was_published_is_not_changed_through_the_upload_that_it_was()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string id = (await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, null, null, Token)).Id;
        await disk.AppendAsync(id, 0, Content);

        // As on a file system without a rename that does not replace: the server ended between link and unlink. The owner goes on with the file.
        Link(disk, id, "f");
        await using (FileStream more = new(disk.PathOf("f"), FileMode.Append))
        {
            more.WriteByte(1);
        }

        DiskChangeRefusal changed = await disk.RefusedAsync(() => disk.AppendAsync(id, Content.Length, [2, 3]));
        Assert.Equal(DiskChangeRefusal.Conflict, changed);
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.Uploads.CompleteAsync(disk.Disk, id, null, false, null, Token).AsTask()));
        Assert.Equal(Content.Length + 1, new FileInfo(disk.PathOf("f")).Length);
        Assert.True(await disk.Uploads.AbortAsync(disk.Disk, id, Token));
        Assert.Equal(Content.Length + 1, new FileInfo(disk.PathOf("f")).Length);
    }

    [Fact]
    public async Task A_name_that_may_not_last_is_not_reported_as_success_later()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        foreach (string path in new[] { "published", "found" })
        {
            string id = (await disk.Uploads.CreateAsync(disk.Disk, Path(path), false, null, null, Token)).Id;
            await disk.AppendAsync(id, 0, Content);
            if (path == "found")
            {
                Link(disk, id, path);
            }

            // The kernel reports it once.
            Action<SafeFileHandle> sync = disk.Uploads.SyncNames;
            disk.Uploads.SyncNames = directory =>
            {
                disk.Uploads.SyncNames = sync;
                throw new NotDurableException(new IOException("lost", 5));
            };
            await Assert.ThrowsAnyAsync<IOException>(() => disk.Uploads.CompleteAsync(disk.Disk, id, null, false, null, Token).AsTask());
            await Assert.ThrowsAnyAsync<IOException>(() => disk.Uploads.CompleteAsync(disk.Disk, id, null, false, null, Token).AsTask());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_has_its_name_already_is_compared_with_the_hash(bool linked)
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string id = (await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, null, null, Token)).Id;
        await disk.AppendAsync(id, 0, Content);
        if (linked)
        {
            Link(disk, id, "f");
        }
        else
        {
            File.Move(Staged(disk, id), disk.PathOf("f"));
        }

        Assert.Equal(DiskChangeRefusal.Invalid, await disk.RefusedAsync(() => disk.Uploads.CompleteAsync(disk.Disk, id, SHA256.HashData([1]), false, null, Token).AsTask()));
        Assert.NotNull(await disk.Uploads.CompleteAsync(disk.Disk, id, SHA256.HashData(Content), false, null, Token));
    }

    [Fact]
    public async Task An_organization_takes_one_place_of_those_for_hashes()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        Disk other = (await disk.Files.Catalog.CreateAsync("other", "made", Token))!;
        var ids = new List<string>();
        foreach (Disk each in new[] { disk.Disk, other })
        {
            ids.Add((await disk.Uploads.CreateAsync(each, Path("f"), false, null, null, Token)).Id);
        }

        byte[] hash = SHA256.HashData([]);
        await disk.Uploads.HashPlaceOf(disk.Disk.Organization).WaitAsync(Token);
        Task<DiskFileFacts?> waiting = disk.Uploads.CompleteAsync(disk.Disk, ids[0], hash, false, null, Token).AsTask();
        Assert.NotNull(await disk.Uploads.CompleteAsync(other, ids[1], hash, false, null, Token));
        Assert.False(waiting.IsCompleted);
        disk.Uploads.HashPlaceOf(disk.Disk.Organization).Release();
        Assert.NotNull(await waiting);
    }

    [Fact]
    public async Task Who_waits_for_longer_than_the_holder_does_not_interrupt_it()
    {
        var turns = new UploadTurns();
        long first = turns.NextNumber();
        UploadTurn holder = await turns.EnterAsync("u", Token);
        Task<UploadTurn> older = turns.EnterAsync("u", first, Token).AsTask();
        Assert.Equal((false, false), (holder.Interrupted.IsCancellationRequested, older.IsCompleted));
        Task<UploadTurn> newer = turns.EnterAsync("u", Token).AsTask();
        Assert.True(holder.Interrupted.IsCancellationRequested);
        holder.Dispose();
        UploadTurn next = await await Task.WhenAny(older, newer);
        next.Dispose();
        (await (next.Number == first ? newer : older)).Dispose();
    }

    [Fact]
    public async Task What_is_announced_to_be_too_much_is_refused_before_it_is_sent()
    {
        using WritingFixture disk = await WritingFixture.StartAsync(new DiskOptions { ReserveBytes = 1 });
        string id = (await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, 10, null, Token)).Id;
        Assert.Equal(DiskChangeRefusal.Invalid, await disk.RefusedAsync(() => disk.Uploads.AppendAsync(disk.Disk, id, 0, 11, true, WritingFixture.NoGuard, Token).AsTask()));
        (await disk.Uploads.AppendAsync(disk.Disk, id, 0, 10, true, WritingFixture.NoGuard, Token))!.Dispose();
        id = (await disk.Uploads.CreateAsync(disk.Disk, Path("g"), false, null, null, Token)).Id;
        await Assert.ThrowsAnyAsync<StorageFullException>(() => disk.Uploads.AppendAsync(disk.Disk, id, 0, 1L << 60, true, WritingFixture.NoGuard, Token).AsTask());
    }

    [Fact]
    public async Task An_upload_whose_file_has_its_name_already_is_complete_with_the_entity_tag_that_readers_get()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        foreach ((string path, Action<string> publish) in new (string, Action<string>)[]
        {
            ("linked", id => Link(disk, id, "linked")),

            // The server ended after the rename, before the note was removed.
            ("renamed", id => File.Move(Staged(disk, id), disk.PathOf("renamed"))),
        })
        {
            string id = (await disk.Uploads.CreateAsync(disk.Disk, Path(path), false, null, null, Token)).Id;
            await disk.AppendAsync(id, 0, Content);
            publish(id);
            DiskFileFacts facts = (await disk.Uploads.CompleteAsync(disk.Disk, id, null, false, null, Token))!;
            await using DiskFile? read = await disk.Files.Store.Reader.OpenAsync(disk.Disk, Encoding.UTF8.GetBytes(path), Token);
            Assert.Equal((path, Content.Length, read!.ETag), (facts.Path, facts.Size, facts.ETag));
            Assert.Equal(facts, await disk.Uploads.CompleteAsync(disk.Disk, id, null, false, null, Token));
            Assert.Empty(disk.Staged());
        }
    }

    [Fact]
    public async Task An_upload_whose_file_has_its_name_already_takes_no_more_bytes()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string id = (await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, null, null, Token)).Id;
        await disk.AppendAsync(id, 0, Content);
        Link(disk, id, "f");
        Assert.Null(await disk.Uploads.AppendAsync(disk.Disk, id, Content.Length, null, true, WritingFixture.NoGuard, Token));
        Assert.Empty(disk.Staged());
        Assert.Equal(Content, await File.ReadAllBytesAsync(disk.PathOf("f"), Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task The_sweep_does_not_remove_an_upload_that_goes_on_while_it_looks(int look)
    {
        var clock = new LookingClock();
        using WritingFixture disk = await WritingFixture.StartAsync(clock: clock);
        string id = (await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, null, null, Token)).Id;
        Task<UploadAppend?>? going = null;
        bool isKept = false;

        // The client comes back right after the sweep has looked at one of the upload's files for the first, the second… time.
        clock.Ahead = StagingSweep.Kept + TimeSpan.FromMinutes(5);
        clock.Looked = () =>
        {
            if (--look != 0)
            {
                return;
            }

            going = disk.Uploads.AppendAsync(disk.Disk, id, 0, null, true, WritingFixture.NoGuard, Token).AsTask();
            if (going.IsCompleted)
            {
                isKept = KeepAsync(going).GetAwaiter().GetResult();
            }
        };
        await disk.Files.Store.Sweep.SweepAsync(static e => Assert.Fail(e.Message), Token);
        clock.Looked = null;

        // It either goes on, or was gone before it could.
        isKept = isKept || (going is not null && await KeepAsync(going));
        Assert.Equal(isKept, await disk.Uploads.FindAsync(disk.Disk, id, Token) is not null);

        static async Task<bool> KeepAsync(Task<UploadAppend?> going)
        {
            using UploadAppend? append = await going;
            if (append is null)
            {
                return false;
            }

            await append.AppendAsync(new ReadOnlySequence<byte>(Content));
            await append.CommitAsync();
            return true;
        }
    }

    [Fact]
    public async Task The_sweep_does_not_remove_what_a_request_writes()
    {
        var clock = new LookingClock();
        using WritingFixture disk = await WritingFixture.StartAsync(clock: clock);
        await disk.PutAsync("f", "content", before: async () =>
        {
            clock.Ahead = StagingSweep.Kept + TimeSpan.FromMinutes(5);
            Assert.Equal(0, await disk.Files.Store.Sweep.SweepAsync(static e => Assert.Fail(e.Message), Token));
        });
        Assert.Equal("content", disk.Read("f"));
    }

    [Fact]
    public async Task There_are_never_more_uploads_than_there_may_be_however_many_begin_at_once()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        for (int i = 0; i < DiskUploads.MaxUploads - 2; i++)
        {
            await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, null, null, Token);
        }

        using var together = new Barrier(8);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait(Token);
                try
                {
                    disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, null, null, Token).AsTask().GetAwaiter().GetResult();
                }
                catch (DiskChangeRefusedException e) when (e.Reason == DiskChangeRefusal.TooMany)
                {
                    // One of those for which there was no room.
                }
            },
            Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(DiskUploads.MaxUploads, (await disk.Uploads.ListAsync(disk.Disk, Token)).Count);
    }

    [Fact]
    public async Task Only_so_many_files_are_hashed_at_a_time_and_a_newcomer_ends_the_wait()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string id = (await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, null, null, Token)).Id;
        await disk.AppendAsync(id, 0, Content);
        for (int i = 0; i < UploadCompletion.HashedAtOnce; i++)
        {
            Assert.True(await disk.Uploads.HashPlaces.WaitAsync(0, Token));
        }

        Task<DiskFileFacts?> first = disk.Uploads.CompleteAsync(disk.Disk, id, SHA256.HashData(Content), false, null, Token).AsTask();
        Task<DiskFileFacts?> second = disk.Uploads.CompleteAsync(disk.Disk, id, SHA256.HashData(Content), false, null, Token).AsTask();
        Assert.Equal(DiskChangeRefusal.Conflict, (await Assert.ThrowsAsync<DiskChangeRefusedException>(() => first)).Reason);
        Assert.False(second.IsCompleted);
        disk.Uploads.HashPlaces.Release(UploadCompletion.HashedAtOnce);
        Assert.NotNull(await second);
    }

    [Fact]
    public async Task A_disk_that_is_made_read_only_takes_no_more_bytes_and_completes_nothing()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        string id = (await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, null, null, Token)).Id;
        await disk.AppendAsync(id, 0, Content);
        using (UploadAppend append = (await disk.Uploads.AppendAsync(disk.Disk, id, Content.Length, null, true, WritingFixture.NoGuard, Token))!)
        {
            await append.AppendAsync(new ReadOnlySequence<byte>(Content));
            await disk.Files.Catalog.SetWritingAsync(disk.Disk.Id, writing: false, Token);
            Assert.Equal(DiskChangeRefusal.Denied, await disk.RefusedAsync(() => append.CommitAsync().AsTask()));
            Assert.Equal(DiskChangeRefusal.Denied, await disk.RefusedAsync(() => append.KeepPartAsync().AsTask()));
        }

        await disk.Files.Catalog.SetWritingAsync(disk.Disk.Id, writing: true, Token);
        Assert.Equal(Content.Length, (await disk.Uploads.FindAsync(disk.Disk, id, Token))!.Offset);
        Assert.Equal(DiskChangeRefusal.Denied, await disk.RefusedAsync(() => disk.Uploads.CompleteAsync(
            disk.Disk, id, null, false, async cancellationToken => await disk.Files.Catalog.SetWritingAsync(disk.Disk.Id, writing: false, cancellationToken), Token).AsTask()));
        Assert.False(File.Exists(disk.PathOf("f")));
    }

    private static DiskFilePath Path(string path) => DiskFilePath.Parse(path);

    private static string Staged(WritingFixture disk, string name) => System.IO.Path.Combine(disk.PathOf(".tarn-uploads"), disk.Disk.Id.Value, name);

    private static void Link(WritingFixture disk, string staged, string path)
    {
        using SafeFileHandle file = File.OpenHandle(Staged(disk, staged));
        Assert.True(FileSharing.TryLink(file, disk.PathOf(path)));
    }

    /// <summary>Tells when someone asks for the time.</summary>
    private sealed class LookingClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public Action? Looked { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            Looked?.Invoke();
            return System.GetUtcNow() + Ahead;
        }
    }
}

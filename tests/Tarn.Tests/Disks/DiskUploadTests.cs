using System.Buffers;
using System.Security.Cryptography;
using Tarn.Core.Disks;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Writing;
using Tarn.TestKit.Clocks;

namespace Tarn.Tests.Disks;

/// <summary>Uploads to a disk that many requests continue.</summary>
public sealed class DiskUploadTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];

    private static CancellationToken Token => DiskFixture.Token;

    [Fact]
    public async Task An_upload_goes_on_after_a_restart_where_its_durable_bytes_end()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        Assert.Equal(DiskChangeRefusal.Absent, await disk.RefusedAsync(() => disk.Uploads.CreateAsync(disk.Disk, Path("d/file"), false, null, null, Token).AsTask()));
        await disk.MakeAsync("d");
        DiskUpload upload = await disk.Uploads.CreateAsync(disk.Disk, Path("d/file"), false, Content.Length, "mine", Token);
        Assert.Equal(100_000, (await disk.AppendAsync(upload.Id, 0, Content[..100_000])).Offset);

        // A process that is killed leaves bytes that were not made durable.
        string data = System.IO.Path.Combine(disk.PathOf(".tarn-uploads"), disk.Disk.Id.Value, upload.Id);
        await using (FileStream more = new(data, FileMode.Append))
        {
            await more.WriteAsync(new byte[5000], Token);
        }

        using var restarted = new DiskStore(disk.Files.Catalog, new DiskOptions { ReserveBytes = 0 }, TimeProvider.System);
        DiskUpload found = Assert.Single(await restarted.Uploads.ListAsync(disk.Disk, Token));
        Assert.Equal((upload.Id, "d/file", 100_000, (long?)Content.Length, "mine", false), (found.Id, found.Path, found.Offset, found.Length, found.Label, found.Replaces));
        Assert.Equal(found, await restarted.Uploads.FindAsync(disk.Disk, upload.Id, Token));
        using (UploadAppend append = (await restarted.Uploads.AppendAsync(disk.Disk, upload.Id, 100_000, null, true, WritingFixture.NoGuard, Token))!)
        {
            await append.AppendAsync(new ReadOnlySequence<byte>(Content.AsMemory(100_000)));
            await append.CommitAsync();
        }

        Assert.False(File.Exists(disk.PathOf("d/file")));
        DiskFileFacts? facts = await restarted.Uploads.CompleteAsync(disk.Disk, upload.Id, SHA256.HashData(Content), false, null, Token);
        Assert.Equal(Content.Length, facts!.Size);
        Assert.Equal(Content, await File.ReadAllBytesAsync(disk.PathOf("d/file"), Token));
        Assert.Empty(disk.Staged());

        // The answer may have been lost. Another request is another question.
        Assert.Equal(facts, await restarted.Uploads.CompleteAsync(disk.Disk, upload.Id, SHA256.HashData(Content), false, null, Token));
        Assert.Null(await restarted.Uploads.CompleteAsync(disk.Disk, upload.Id, null, false, null, Token));
        Assert.Null(await restarted.Uploads.AppendAsync(disk.Disk, upload.Id, Content.Length, null, true, WritingFixture.NoGuard, Token));
        Assert.Null(await restarted.Uploads.FindAsync(disk.Disk, upload.Id, Token));
    }

    [Fact]
    public async Task Bytes_at_another_offset_or_beyond_the_length_are_refused_and_an_upload_that_is_not_whole_is_not_completed()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        DiskUpload upload = await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, 10, null, Token);
        await disk.AppendAsync(upload.Id, 0, new byte[4]);
        foreach (long offset in new long[] { 0, 3, 5 })
        {
            Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.AppendAsync(upload.Id, offset, new byte[1])));
        }

        Assert.Equal(DiskChangeRefusal.Invalid, await disk.RefusedAsync(() => disk.AppendAsync(upload.Id, 4, new byte[7])));
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.Uploads.CompleteAsync(disk.Disk, upload.Id, null, false, null, Token).AsTask()));
        await disk.AppendAsync(upload.Id, 4, new byte[6]);
        Assert.Equal(DiskChangeRefusal.Invalid, await disk.RefusedAsync(() => disk.Uploads.CompleteAsync(disk.Disk, upload.Id, new byte[32], false, null, Token).AsTask()));
        await File.WriteAllTextAsync(disk.PathOf("f"), "theirs", Token);
        Assert.Equal(DiskChangeRefusal.Conflict, await disk.RefusedAsync(() => disk.Uploads.CompleteAsync(disk.Disk, upload.Id, null, false, null, Token).AsTask()));
        Assert.Equal(10, (await disk.Uploads.FindAsync(disk.Disk, upload.Id, Token))!.Offset);
        File.Delete(disk.PathOf("f"));
        Assert.NotNull(await disk.Uploads.CompleteAsync(disk.Disk, upload.Id, SHA256.HashData(new byte[10]), false, null, Token));
        Assert.Equal(10, new FileInfo(disk.PathOf("f")).Length);
    }

    [Fact]
    public async Task A_request_that_breaks_off_keeps_what_arrived_unless_it_was_to_be_compared()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        DiskUpload upload = await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, null, null, Token);
        foreach ((bool keepsParts, long expected) in new[] { (true, 1000L), (false, 1000L) })
        {
            using UploadAppend append = (await disk.Uploads.AppendAsync(disk.Disk, upload.Id, (await disk.Uploads.FindAsync(disk.Disk, upload.Id, Token))!.Offset, null, keepsParts, WritingFixture.NoGuard, Token))!;
            await append.AppendAsync(new ReadOnlySequence<byte>(Content.AsMemory(0, 1000)));
            await append.KeepPartAsync();
            Assert.Equal(expected, (await disk.Uploads.FindAsync(disk.Disk, upload.Id, Token))!.Offset);
        }

        await disk.AppendAsync(upload.Id, 1000, Content[1000..]);
        Assert.NotNull(await disk.Uploads.CompleteAsync(disk.Disk, upload.Id, SHA256.HashData(Content), false, null, Token));
    }

    [Fact]
    public async Task A_newcomer_interrupts_the_request_that_appends_and_goes_on_after_it()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        DiskUpload upload = await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, null, null, Token);
        UploadAppend first = (await disk.Uploads.AppendAsync(disk.Disk, upload.Id, 0, null, true, WritingFixture.NoGuard, Token))!;
        await first.AppendAsync(new ReadOnlySequence<byte>(new byte[500]));
        Task<UploadAppend?> second = disk.Uploads.AppendAsync(disk.Disk, upload.Id, 500, null, true, WritingFixture.NoGuard, Token).AsTask();
        await Task.Delay(Timeout.Infinite, first.Interrupted).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.False(second.IsCompleted);
        await first.KeepPartAsync();
        first.Dispose();
        using UploadAppend going = (await second)!;
        await going.AppendAsync(new ReadOnlySequence<byte>(new byte[1]));
        Assert.Equal(501, (await going.CommitAsync()).Offset);
    }

    [Fact]
    public async Task An_upload_is_aborted_and_there_are_only_so_many()
    {
        using WritingFixture disk = await WritingFixture.StartAsync();
        var made = new List<string>();
        for (int i = 0; i < DiskUploads.MaxUploads; i++)
        {
            made.Add((await disk.Uploads.CreateAsync(disk.Disk, Path("f"), true, null, null, Token)).Id);
        }

        Assert.Equal(DiskChangeRefusal.TooMany, await disk.RefusedAsync(() => disk.Uploads.CreateAsync(disk.Disk, Path("f"), true, null, null, Token).AsTask()));
        Assert.True(await disk.Uploads.AbortAsync(disk.Disk, made[0], Token));
        Assert.False(await disk.Uploads.AbortAsync(disk.Disk, made[0], Token));
        await disk.Uploads.CreateAsync(disk.Disk, Path("f"), true, null, null, Token);
        foreach (string id in new[] { "", "x", "../" + made[1][3..], new string('0', 32), made[1].ToUpperInvariant() + "A", made[1] + ".note" })
        {
            Assert.Null(await disk.Uploads.FindAsync(disk.Disk, id, Token));
            Assert.Null(await disk.Uploads.AppendAsync(disk.Disk, id, 0, null, true, WritingFixture.NoGuard, Token));
            Assert.Null(await disk.Uploads.CompleteAsync(disk.Disk, id, null, false, null, Token));
            Assert.False(await disk.Uploads.AbortAsync(disk.Disk, id, Token));
        }
    }

    [Fact]
    public async Task What_was_abandoned_is_swept_a_day_after_its_last_byte_and_what_is_written_is_not()
    {
        var clock = new ShiftedTimeProvider();
        using WritingFixture disk = await WritingFixture.StartAsync(clock: clock);
        DiskUpload abandoned = await disk.Uploads.CreateAsync(disk.Disk, Path("f"), false, null, null, Token);
        DiskUpload going = await disk.Uploads.CreateAsync(disk.Disk, Path("g"), false, null, null, Token);
        string left = System.IO.Path.Combine(disk.PathOf(".tarn-uploads"), disk.Disk.Id.Value, "put-" + new string('0', 32));
        await File.WriteAllTextAsync(left, "of a server that was killed", Token);
        var failures = new List<Exception>();
        clock.Ahead = StagingSweep.Kept - TimeSpan.FromMinutes(5);
        Assert.Equal(0, await disk.Files.Store.Sweep.SweepAsync(failures.Add, Token));
        clock.Ahead = StagingSweep.Kept + TimeSpan.FromMinutes(5);
        using (UploadAppend append = (await disk.Uploads.AppendAsync(disk.Disk, going.Id, 0, null, true, WritingFixture.NoGuard, Token))!)
        {
            Assert.Equal(3, await disk.Files.Store.Sweep.SweepAsync(failures.Add, Token));
        }

        Assert.Null(await disk.Uploads.FindAsync(disk.Disk, abandoned.Id, Token));
        Assert.NotNull(await disk.Uploads.FindAsync(disk.Disk, going.Id, Token));
        Assert.Equal(2, disk.Staged().Length);
        Assert.Empty(failures);

        // With the disk goes what the server kept in its tree.
        Assert.Null(await disk.Files.Store.DropUploadsAsync(disk.Disk, Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(disk.Tree));
    }

    private static DiskFilePath Path(string path) => DiskFilePath.Parse(path);
}

using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Reading;
using Tarn.TestKit.Http;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Disks;

/// <summary>Files that are appended to while they are read.</summary>
public sealed class GrowingFileTests
{
    private const int Large = 1_000_000;

    [Theory]
    [InlineData("append", true)]
    [InlineData("append and touch", true)]
    [InlineData("replace", true)]
    [InlineData("truncate", false)]
    [InlineData("rewrite", false)]
    [InlineData("touch", false)]
    public async Task What_was_there_is_sent_where_files_grow_and_all_else_is_cut_off_as_always(string change, bool growingSends)
    {
        foreach (bool growing in new[] { true, false })
        {
            foreach (int size in new[] { 1000, Large })
            {
                using var fixture = new DiskFixture();
                string path = Path.Combine(fixture.Tree, "log");
                byte[] content = StoreFixture.Bytes(size);
                await File.WriteAllBytesAsync(path, content, DiskFixture.Token);
                Disk disk = (await fixture.Catalog.AttachAsync("org", "disk", fixture.Tree, AddressList.Any, growing, DiskFixture.Token))!;
                await using DiskFile file = (await fixture.Store.Reader.OpenAsync(disk, "log"u8.ToArray(), DiskFixture.Token))!;
                ContentRun first = await file.RunAsync(0, size, DiskFixture.Token);
                Change(path, change);
                bool expected = change == "replace" || (growing && growingSends);
                Assert.Equal(expected, await file.TryHoldAsync(size - 100, 100, DiskFixture.Token));
                if (!expected)
                {
                    Assert.Equal(S3Error.SlowDown, (await Assert.ThrowsAsync<S3Exception>(async () => await file.RunAsync(size - 100, 100, DiskFixture.Token))).Error);
                    continue;
                }

                Assert.Equal(size, file.Length);
                Assert.Equal(content, await StoreFixture.ReadAsync(file, 0, size));
            }
        }
    }

    [Fact]
    public async Task A_range_that_is_read_at_once_stays_what_it_was_however_slowly_it_is_sent()
    {
        using var fixture = new DiskFixture();
        string path = Path.Combine(fixture.Tree, "log");
        byte[] content = StoreFixture.Bytes(Large);
        await File.WriteAllBytesAsync(path, content, DiskFixture.Token);
        Disk disk = await fixture.AttachAsync();
        await using DiskFile file = (await fixture.Store.Reader.OpenAsync(disk, "log"u8.ToArray(), DiskFixture.Token))!;
        Assert.True(await file.TryHoldAsync(5, 256 * 1024, DiskFixture.Token));
        Change(path, "append");
        ContentRun run = await file.RunAsync(5, 256 * 1024, DiskFixture.Token);
        Assert.Equal(content.AsSpan(5, 256 * 1024), run.Memory.Span);

        // Another range is another look.
        await Assert.ThrowsAsync<S3Exception>(async () => await file.RunAsync(6, 10, DiskFixture.Token));
    }

    [Fact]
    public async Task Small_ranges_of_a_file_that_is_written_all_the_time_are_right_or_refused()
    {
        await using DiskServer server = await DiskServer.StartAsync();
        server.Write("log", StoreFixture.Bytes(1000));
        using var done = new CancellationTokenSource();
        string path = Path.Combine(server.Files.Tree, "log");
        Task writer = Task.Run(
            () =>
            {
                while (!done.IsCancellationRequested)
                {
                    Change(path, "append");
                    done.Token.WaitHandle.WaitOne(1);
                }
            },
            DiskFixture.Token);
        for (int i = 0; i < 20; i++)
        {
            RawS3Response answer = await server.GetAsync("log", ("Range", "bytes=10-19"));
            Assert.Contains((int)answer.Status, new[] { 206, 503 });
            Assert.True((int)answer.Status == 503 || answer.Body.AsSpan().SequenceEqual(StoreFixture.Bytes(1000).AsSpan(10, 10)));
        }

        await done.CancelAsync();
        await writer;
    }

    private static void Change(string path, string change)
    {
        if (change == "replace")
        {
            File.WriteAllText(path + ".new", "new");
            File.Move(path + ".new", path, overwrite: true);
            return;
        }

        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            switch (change)
            {
                case "append" or "append and touch": file.Seek(0, SeekOrigin.End); file.Write([1, 2, 3]); break;
                case "truncate": file.SetLength(file.Length - 1); break;
                case "rewrite": file.Write([99]); break;
            }
        }

        if (change.EndsWith("touch", StringComparison.Ordinal))
        {
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        }
    }
}

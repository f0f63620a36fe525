using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Reading;

namespace Tarn.Tests.Disks;

/// <summary>Files and directories that change while they are read: every complete answer is one state of a file inside the disk.</summary>
public sealed class ChangingFileTests
{
    private const int Large = 300_000;

    public static TheoryData<string> Changes => ["rewrite", "append", "truncate", "cut", "touch"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_file_that_changes_under_its_reader_is_never_whole(string change)
    {
        using var fixture = new DiskFixture();
        string path = Path.Combine(fixture.Tree, "file");
        foreach (int size in new[] { 1000, Large })
        {
            await File.WriteAllBytesAsync(path, new byte[size], DiskFixture.Token);
            Disk disk = fixture.LeftOut.Count == 0 && size == 1000 ? await fixture.AttachAsync() : (await fixture.Catalog.FindByNameAsync("org", "disk", DiskFixture.Token))!;
            await using DiskFile file = (await fixture.Store.Reader.OpenAsync(disk, "file"u8.ToArray(), DiskFixture.Token))!;
            ContentRun first = await file.RunAsync(0, size, DiskFixture.Token);
            Assert.Equal(size == Large, first.Source is not null);
            using (FileStream writer = File.OpenWrite(path))
            {
                switch (change)
                {
                    case "rewrite": writer.Write([1]); break;
                    case "append": writer.Seek(0, SeekOrigin.End); writer.Write([1]); break;
                    case "truncate": writer.SetLength(size - 1); break;
                    case "cut": writer.SetLength(1); break;
                    case "touch": File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch); break;
                }
            }

            S3Exception refused = await Assert.ThrowsAsync<S3Exception>(async () => await file.RunAsync(size - 10, 10, DiskFixture.Token));
            Assert.Equal(S3Error.SlowDown, refused.Error);
            if (change == "cut" && first.Source is { } blob)
            {
                await Assert.ThrowsAsync<S3Exception>(async () => await blob.ReadAsync(1000, new byte[10], DiskFixture.Token));
            }
        }
    }

    [Fact]
    public async Task A_file_that_is_replaced_under_its_reader_is_read_to_its_end()
    {
        using var fixture = new DiskFixture();
        string path = Path.Combine(fixture.Tree, "file");
        byte[] old = Objects.StoreFixture.Bytes(Large);
        await File.WriteAllBytesAsync(path, old, DiskFixture.Token);
        Disk disk = await fixture.AttachAsync();
        DiskFile file = (await fixture.Store.Reader.OpenAsync(disk, "file"u8.ToArray(), DiskFixture.Token))!;
        string etag = file.ETag.ToString();
        await File.WriteAllTextAsync(path + ".new", "new", DiskFixture.Token);
        File.Move(path + ".new", path, overwrite: true);
        Assert.Equal(old, await Objects.StoreFixture.ReadAsync(file, 0, Large));
        await using DiskFile now = (await fixture.Store.Reader.OpenAsync(disk, "file"u8.ToArray(), DiskFixture.Token))!;
        Assert.Equal((3L, false), (now.Length, etag == now.ETag.ToString()));
    }

    [Fact]
    public async Task Readers_and_listers_among_writers_see_whole_files_of_the_disk_or_none()
    {
        using var fixture = new DiskFixture();
        string outside = Path.Combine(fixture.Outside, "outside");
        Directory.CreateDirectory(outside);
        foreach (string directory in new[] { fixture.Tree + "/d", fixture.Tree + "/e", outside })
        {
            Directory.CreateDirectory(directory);
            for (int i = 0; i < 8; i++)
            {
                await File.WriteAllBytesAsync(Path.Combine(directory, $"f{i}"), Versioned(directory == outside ? -1 : i, 24), DiskFixture.Token);
            }
        }

        await File.WriteAllTextAsync(Path.Combine(outside, "secret"), "secret", DiskFixture.Token);
        using SafeFileHandle root = RawFiles.OpenDirectory(fixture.Tree);
        RawFiles.MakeLink(root, "away", outside);
        RawFiles.MakeLink(root, "inside", "e");
        Disk disk = await fixture.AttachAsync();
        using var done = new CancellationTokenSource();
        Task[] writers =
        [
            .. Enumerable.Range(0, 3).Select(seed => Task.Run(() => ChangeFiles(fixture.Tree + "/d", seed, done.Token), DiskFixture.Token)),
            Task.Run(() => SwapDirectories(root, done.Token), DiskFixture.Token),
        ];
        int[] whole = new int[16];
        Task[] readers = [.. Enumerable.Range(0, 16).Select(n => Task.Run(async () => whole[n] = await ReadAsync(fixture, disk, n), DiskFixture.Token))];
        await Task.WhenAll(readers);
        await done.CancelAsync();
        await Task.WhenAll(writers);

        // If all were refused, nothing would be proved.
        Assert.True(whole.Sum() > 0);
    }

    /// <summary>A fixed number of rounds; returns how many files were read whole.</summary>
    private static async Task<int> ReadAsync(DiskFixture fixture, Disk disk, int seed)
    {
        var random = new Random(seed);
        int whole = 0;
        for (int round = 0; round < 25; round++)
        {
            string directory = new[] { "d", "e", "away", "inside" }[random.Next(4)];
            byte[]? content = await ReadFileAsync(fixture, disk, $"{directory}/f{random.Next(8)}");
            if (content is not null)
            {
                AssertOneState(content);
                whole++;
            }

            Assert.Null(await ReadFileAsync(fixture, disk, $"{directory}/secret"));
            foreach (string key in await fixture.AllAsync(disk, new DiskQuery { MaxKeys = 5 }))
            {
                Assert.DoesNotContain("secret", key, StringComparison.Ordinal);
            }
        }

        return whole;
    }

    private static async Task<byte[]?> ReadFileAsync(DiskFixture fixture, Disk disk, string key)
    {
        try
        {
            return await fixture.ReadAsync(disk, key);
        }
        catch (S3Exception e) when (e.Error == S3Error.SlowDown)
        {
            // It changed during the read: reported, not sent.
            return null;
        }
    }

    /// <summary>Rewrites files in place, page by page, making them longer and shorter, and replaces them by renaming.</summary>
    private static void ChangeFiles(string directory, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        for (int version = 100 * (seed + 1); !stop.IsCancellationRequested; version++)
        {
            // Each writer has files of its own, so that what is in a file has one history.
            string path = Path.Combine(directory, $"f{seed + (3 * random.Next(seed == 2 ? 2 : 3))}");
            int pages = random.Next(1, 40);
            try
            {
                switch (random.Next(3))
                {
                    case 0:
                        using (SafeFileHandle file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
                        {
                            RandomAccess.SetLength(file, 4096L * pages);
                            byte[] bytes = Versioned(version, 1);
                            for (int page = 0; page < pages; page++)
                            {
                                RandomAccess.Write(file, bytes, 4096L * page);
                            }
                        }

                        break;
                    case 1:
                        string fresh = Path.Combine(directory, $".{seed}");
                        File.WriteAllBytes(fresh, Versioned(version, pages));
                        File.Move(fresh, path, overwrite: true);
                        break;
                    default:
                        File.Delete(path);
                        break;
                }
            }
            catch (IOException)
            {
                // Its directory is currently a link to elsewhere, or another writer has it.
            }

            // Gives readers moments in which a file does not change.
            Thread.Yield();
            stop.WaitHandle.WaitOne(random.Next(1, 30));
        }
    }

    private static void SwapDirectories(SafeFileHandle root, CancellationToken stop)
    {
        bool swapped = false;
        while (!stop.IsCancellationRequested || swapped)
        {
            RawFiles.Exchange(root, "e", "away");
            swapped = !swapped;
        }
    }

    private static byte[] Versioned(int version, int pages)
    {
        byte[] bytes = new byte[4096 * pages];
        for (int i = 0; i < bytes.Length; i += sizeof(int))
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i), version);
        }

        return bytes;
    }

    /// <summary>
    /// A writer goes from front to back, so at any one time newer pages come before older ones. A reader that saw one page before the writer came
    /// and a later one after it has the older before the newer, which the file never had.
    /// </summary>
    private static void AssertOneState(byte[] content)
    {
        Assert.Equal(0, content.Length % 4096);
        int last = int.MaxValue;
        for (int i = 0; i < content.Length; i += sizeof(int))
        {
            int version = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(i));
            Assert.NotEqual(-1, version);
            Assert.True(version <= last, "The bytes are of two times.");
            last = version;
        }
    }
}

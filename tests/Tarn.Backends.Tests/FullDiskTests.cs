using System.Diagnostics;
using Tarn.Backends.RocksDb;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Stores;

namespace Tarn.Backends.Tests;

/// <summary>What the local engines do on a device with no room left. Needs the right to mount a small file system.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly bool _mounted;

    public FullDiskTests() => _mounted = Run("mount", "-t", "tmpfs", "-o", "size=8m", "tarn-test", _directory.Path);

    public void Dispose()
    {
        if (_mounted)
        {
            Assert.True(Run("umount", _directory.Path));
        }

        _directory.Dispose();
    }

    [Fact]
    public async Task A_blob_that_does_not_fit_is_refused_and_leaves_its_room()
    {
        Assert.SkipUnless(_mounted, "A tmpfs cannot be mounted here.");
        await using FileBlobStore store = new(_directory.Path, fsync: true, reserveBytes: 0);
        SeededRandomSource random = new(1);
        await using (IBlobWriter writer = await store.CreateAsync(BlobId.Create(random), null, CancellationToken.None))
        {
            await Assert.ThrowsAsync<StorageFullException>(
                async () => await writer.WriteAsync(new(new byte[20 << 20]), CancellationToken.None));
            await Assert.ThrowsAnyAsync<Exception>(async () => await writer.CommitAsync(CancellationToken.None));
        }

        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_directory.Path, "tmp")));
        await using IBlobWriter fits = await store.CreateAsync(BlobId.Create(random), null, CancellationToken.None);
        await fits.WriteAsync(new(new byte[4 << 20]), CancellationToken.None);
        await fits.CommitAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_commit_that_does_not_fit_is_refused_and_what_was_committed_stays()
    {
        Assert.SkipUnless(_mounted, "A tmpfs cannot be mounted here.");
        int committed = 0;
        List<Exception> failures = [];
        await using (RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(
            _directory.Path, new RocksDbOptions { ReserveBytes = 0, Failed = failures.Add }))
        {
            await Assert.ThrowsAsync<StorageFullException>(async () =>
            {
                for (; committed < 100; committed++)
                {
                    await store.CommitAsync(new KeyValueBatch().Put([(byte)committed], new byte[500_000]), CancellationToken.None);
                }
            });
            Assert.InRange(committed, 1, 99);
            for (int i = 0; i < 2; i++)
            {
                await Assert.ThrowsAsync<StoreFailedException>(
                    async () => await store.CommitAsync(new KeyValueBatch().Put([200], []), CancellationToken.None));
            }

            Assert.IsType<StorageFullException>(Assert.Single(failures));
            Assert.NotNull(await store.GetAsync([0], CancellationToken.None));
        }

        Assert.True(Run("mount", "-o", "remount,size=64m", _directory.Path));
        await using RocksDbKeyValueStore again = RocksDbKeyValueStore.Open(_directory.Path, new RocksDbOptions { ReserveBytes = 0 });
        for (int i = 0; i < committed; i++)
        {
            Assert.NotNull(await again.GetAsync([(byte)i], CancellationToken.None));
        }

        Assert.Null(await again.GetAsync([200], CancellationToken.None));
        Assert.True(await again.CommitAsync(new KeyValueBatch().Put([200], []), CancellationToken.None));
    }

    [Fact]
    public async Task Below_the_reserve_only_deletes_are_taken()
    {
        Assert.SkipUnless(_mounted, "A tmpfs cannot be mounted here.");
        Assert.True(Run("mount", "-o", "remount,size=128m", _directory.Path));
        await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(
            _directory.Path, new RocksDbOptions { ReserveBytes = 16 << 20 });
        await store.CommitAsync(new KeyValueBatch().Put([1], [1]), CancellationToken.None);
        await using (FileStream filler = File.Create(Path.Combine(_directory.Path, "filler")))
        {
            Fill(filler, leave: 12 << 20);
            await Assert.ThrowsAsync<StorageFullException>(
                async () => await store.CommitAsync(new KeyValueBatch().Put([2], [2]), CancellationToken.None));
            Assert.True(await store.CommitAsync(new KeyValueBatch().Delete([1]).Put([3], [3]), CancellationToken.None));
            Fill(filler, leave: 4 << 20);
            await Assert.ThrowsAsync<StorageFullException>(
                async () => await store.CommitAsync(new KeyValueBatch().Delete([3]), CancellationToken.None));
        }

        File.Delete(Path.Combine(_directory.Path, "filler"));
        Assert.True(await store.CommitAsync(new KeyValueBatch().Check([2], null).Put([2], [2]), CancellationToken.None));
    }

    [Fact]
    public async Task Blobs_leave_the_reserve_free()
    {
        Assert.SkipUnless(_mounted, "A tmpfs cannot be mounted here.");
        await using FileBlobStore store = new(_directory.Path, fsync: true, reserveBytes: 3 << 20);
        SeededRandomSource random = new(1);
        await Assert.ThrowsAsync<StorageFullException>(
            async () => await store.CreateAsync(BlobId.Create(random), 6 << 20, CancellationToken.None));
        await using IBlobWriter writer = await store.CreateAsync(BlobId.Create(random), null, CancellationToken.None);
        await Assert.ThrowsAsync<StorageFullException>(
            async () => await writer.WriteAsync(new(new byte[6 << 20]), CancellationToken.None));
    }

    private void Fill(FileStream filler, long leave)
    {
        filler.Write(new byte[new DriveInfo(_directory.Path).AvailableFreeSpace - leave]);
        filler.Flush();
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

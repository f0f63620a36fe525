using System.Diagnostics;
using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Servers;
using Tarn.TestKit.Stores;

namespace Tarn.Backends.Tests;

/// <summary>The local engines on a full device. Needs the right to mount a small file system.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private bool _mounted;
    private string? _image;

    public FullDiskTests() => _mounted = Run("mount", "-t", "tmpfs", "-o", "size=8m", "tarn-test", _directory.FullPath);

    public void Dispose()
    {
        if (_mounted)
        {
            Assert.True(Run("umount", _directory.FullPath));
        }

        if (_image is not null)
        {
            File.Delete(_image);
        }

        _directory.Dispose();
    }

    [Fact]
    public async Task A_blob_that_does_not_fit_is_refused_and_leaves_its_room()
    {
        Assert.SkipUnless(_mounted, "A tmpfs cannot be mounted here.");
        await using FileBlobStore store = new(_directory.FullPath, fsync: true, reserveBytes: 0);
        SeededRandomSource random = new(1);
        await using (IBlobWriter writer = await store.CreateAsync(BlobId.Create(random), null, CancellationToken.None))
        {
            await Assert.ThrowsAsync<StorageFullException>(
                async () => await writer.WriteAsync(new(new byte[20 << 20]), CancellationToken.None));
            await Assert.ThrowsAnyAsync<Exception>(async () => await writer.CommitAsync(CancellationToken.None));
        }

        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_directory.FullPath, "tmp")));
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
            _directory.FullPath, new RocksDbOptions { ReserveBytes = 0, Failed = failures.Add }))
        {
            await Assert.ThrowsAsync<StorageFullException>(async () =>
            {
                for (; committed < 100; committed++)
                {
                    await store.CommitAsync(new KeyValueBatch().Put([(byte)committed], new byte[500_000]), CancellationToken.None);
                }
            });
            Assert.InRange(committed, 1, 99);
            await Assert.ThrowsAnyAsync<StorageFullException>(
                async () => await store.CommitAsync(new KeyValueBatch().Put([200], []), CancellationToken.None));
            Assert.Empty(failures);
            Assert.NotNull(await store.GetAsync([0], CancellationToken.None));
            Assert.True(Run("mount", "-o", "remount,size=64m", _directory.FullPath));
            await TakesAgainAsync(store);
            Assert.Null(await store.GetAsync([200], CancellationToken.None));
        }

        await using RocksDbKeyValueStore again = RocksDbKeyValueStore.Open(_directory.FullPath, new RocksDbOptions { ReserveBytes = 0 });
        for (int i = 0; i < committed; i++)
        {
            Assert.NotNull(await again.GetAsync([(byte)i], CancellationToken.None));
        }

        Assert.Null(await again.GetAsync([200], CancellationToken.None));
        Assert.True(await again.CommitAsync(new KeyValueBatch().Put([200], []), CancellationToken.None));
    }

    [Fact]
    public async Task Below_the_reserve_only_removals_are_taken()
    {
        Assert.SkipUnless(_mounted, "A tmpfs cannot be mounted here.");
        Assert.True(Run("mount", "-o", "remount,size=128m", _directory.FullPath));
        await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(
            _directory.FullPath, new RocksDbOptions { ReserveBytes = 16 << 20 });
        await store.CommitAsync(new KeyValueBatch().Put([1], [1]), CancellationToken.None);
        await using (FileStream filler = File.Create(Path.Combine(_directory.FullPath, "filler")))
        {
            Fill(filler, leave: 12 << 20);
            await Assert.ThrowsAsync<StorageFullException>(
                async () => await store.CommitAsync(new KeyValueBatch().Put([2], [2]), CancellationToken.None));
            Assert.True(await store.CommitAsync(new KeyValueBatch().Delete([1]).Put([3], [3]).AsRemoval(), CancellationToken.None));

            // An overwrite deletes what it replaces, but does not count as a removal.
            await Assert.ThrowsAsync<StorageFullException>(
                async () => await store.CommitAsync(new KeyValueBatch().Delete([3]).Put([4], [4]), CancellationToken.None));
            Fill(filler, leave: 1 << 20);
            Assert.True(await store.CommitAsync(new KeyValueBatch().Delete([3]).AsRemoval(), CancellationToken.None));
            Assert.True(await store.CommitAsync(new KeyValueBatch().Check([3], null), CancellationToken.None));
        }

        File.Delete(Path.Combine(_directory.FullPath, "filler"));
        Assert.True(await store.CommitAsync(new KeyValueBatch().Check([2], null).Put([2], [2]), CancellationToken.None));
    }

    [Fact]
    public async Task Blobs_leave_the_reserve_free()
    {
        Assert.SkipUnless(_mounted, "A tmpfs cannot be mounted here.");
        await using FileBlobStore store = new(_directory.FullPath, fsync: true, reserveBytes: 3 << 20);
        SeededRandomSource random = new(1);
        await Assert.ThrowsAsync<StorageFullException>(
            async () => await store.CreateAsync(BlobId.Create(random), 6 << 20, CancellationToken.None));
        await using IBlobWriter writer = await store.CreateAsync(BlobId.Create(random), null, CancellationToken.None);
        await Assert.ThrowsAsync<StorageFullException>(
            async () => await writer.WriteAsync(new(new byte[6 << 20]), CancellationToken.None));
    }

    [Fact]
    public async Task Blobs_leave_inodes_free()
    {
        Assert.SkipUnless(_mounted, "A tmpfs cannot be mounted here.");
        Assert.True(Run("mount", "-o", "remount,size=64m,nr_inodes=400", _directory.FullPath));
        await using FileBlobStore store = new(_directory.FullPath, fsync: true, reserveBytes: 1 << 20);
        SeededRandomSource random = new(1);
        await WriteAsync(store, random);
        MakeFiles(leave: 15);
        await Assert.ThrowsAsync<StorageFullException>(async () => await WriteAsync(store, random));
        BlobInfo written = await store.ListAsync(CancellationToken.None).FirstAsync(CancellationToken.None);
        await store.DeleteAsync(written.Id, CancellationToken.None);
    }

    [Fact]
    public async Task Without_inodes_removals_and_a_restart_go_on_where_steps_hold_some()
    {
        Assert.SkipUnless(MountImage("-N", "512"), "An ext4 image cannot be mounted here.");
        RocksDbOptions options = new() { ReserveBytes = 32 << 20 };
        await using (RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(_directory.FullPath, options))
        {
            Assert.True(store.ReserveIsSetAside);
            for (byte i = 0; i < 100; i++)
            {
                Assert.True(await store.CommitAsync(new KeyValueBatch().Put([i], [i]), CancellationToken.None));
            }

            MakeFiles(leave: 0);
            Assert.Equal(0, FileSystemSpace.Of(_directory.FullPath).FreeInodes);
            await RemoveAsync(store, 0, 50);
            await Assert.ThrowsAsync<StorageFullException>(
                async () => await store.CommitAsync(new KeyValueBatch().Put([200], [1]), CancellationToken.None));

            // However often others take what removals were given, there is enough for the next start.
            for (byte i = 50; i < 60; i++)
            {
                MakeFiles(leave: 0);
                await RemoveAsync(store, i, (byte)(i + 1));
            }

            MakeFiles(leave: 0);
        }

        await using RocksDbKeyValueStore again = RocksDbKeyValueStore.Open(_directory.FullPath, options);
        Assert.Null(await again.GetAsync([59], CancellationToken.None));
        Assert.NotNull(await again.GetAsync([60], CancellationToken.None));
        await RemoveAsync(again, 60, 100);
    }

    [Fact]
    public void A_reserve_is_asked_for_room_once_the_device_is_full()
    {
        Assert.SkipUnless(MountImage(), "An ext4 image cannot be mounted here.");
        var reserve = new RocksDbReserve(_directory.FullPath, 32 << 20);
        reserve.Refill();
        Assert.True(reserve.Allows(0, out bool isAmple) && isAmple);
        FillToTheLastByte(Path.Combine(_directory.FullPath, "filler"));
        Assert.False(reserve.Allows(0, out isAmple) || isAmple);
        long held = reserve.HeldBytes;
        reserve.MakeRoom(0);
        Assert.InRange(reserve.HeldBytes, 0, held - 1);
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(1, false)]
    public async Task Removals_go_on_when_another_process_has_filled_the_device_and_the_reserve_is_refilled(int bufferMegabytes, bool isQuiet)
    {
        Assert.SkipUnless(MountImage(), "An ext4 image cannot be mounted here.");
        RocksDbOptions options = new() { ReserveBytes = 32 << 20, WriteBufferBytes = bufferMegabytes << 20 };
        byte[] value = new byte[4000];
        string filler = Path.Combine(_directory.FullPath, "filler");
        await using (RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(_directory.FullPath, options))
        {
            Assert.True(store.ReserveIsSetAside);
            Assert.Equal(16 << 20, store.ReserveHeldBytes);
            for (int i = 0; i < 1000; i++)
            {
                Random.Shared.NextBytes(value);
                Assert.True(await store.CommitAsync(new KeyValueBatch().Put(Key(i), value), CancellationToken.None));
            }

            FillToTheLastByte(filler);
            await Assert.ThrowsAsync<StorageFullException>(
                async () => await store.CommitAsync(new KeyValueBatch().Put(Key(1), value).Delete(Key(0)), CancellationToken.None));

            // RocksDB may have been writing a table when the device was filled, unless its buffer has room for all. It then takes nothing until it has found the room that the first removals release.
            if (!isQuiet)
            {
                await TakesAgainAsync(store, static () => new KeyValueBatch().Delete(Key(0)).AsRemoval());
            }

            for (int i = 0; i < 500; i++)
            {
                Assert.True(await store.CommitAsync(
                    new KeyValueBatch().Delete(Key(i)).Put(Key(100_000 + i), new byte[200]).AsRemoval(), CancellationToken.None));
            }

            Assert.InRange(store.ReserveHeldBytes, 0, (16 << 20) - 1);
            store.RefillReserve();
            Assert.InRange(store.ReserveHeldBytes, 0, (16 << 20) - 1);
        }

        // There is room for a start, too.
        await using RocksDbKeyValueStore again = RocksDbKeyValueStore.Open(_directory.FullPath, options);
        Assert.Null(await again.GetAsync(Key(499), CancellationToken.None));
        Assert.NotNull(await again.GetAsync(Key(500), CancellationToken.None));
        await RemoveAsync(again, 0, 100);
        File.Delete(filler);
        again.RefillReserve();
        Assert.Equal(16 << 20, again.ReserveHeldBytes);
        Assert.True(await again.CommitAsync(new KeyValueBatch().Put(Key(1), value), CancellationToken.None));
    }

    [Fact]
    public async Task What_others_take_of_a_step_that_was_given_up_does_not_fail_the_store_for_good()
    {
        Assert.SkipUnless(MountImage(), "An ext4 image cannot be mounted here.");
        string filler = Path.Combine(_directory.FullPath, "filler");
        await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(
            _directory.FullPath, new RocksDbOptions { ReserveBytes = 16 << 20, WriteBufferBytes = 1 << 20 });
        int taken = 0;
        int full = 0;
        for (int i = 0; i < 400 && full < 3; i++)
        {
            FillToTheLastByte($"{filler}{i}");
            try
            {
                Assert.True(await store.CommitAsync(new KeyValueBatch().Put(Key(i), new byte[60_000]).AsRemoval(), CancellationToken.None));
                taken++;
            }
            catch (StorageFullException)
            {
                full++;
            }
        }

        Assert.Equal(3, full);
        Assert.InRange(taken, 1, 399);
        foreach (string file in Directory.EnumerateFiles(_directory.FullPath, "filler*"))
        {
            File.Delete(file);
        }

        await TakesAgainAsync(store);
        for (int i = 0; i < taken; i++)
        {
            Assert.NotNull(await store.GetAsync(Key(i), CancellationToken.None));
        }
    }

    private static byte[] Key(int i) => BitConverter.GetBytes(i);

    private static async Task RemoveAsync(RocksDbKeyValueStore store, byte from, byte to)
    {
        for (byte i = from; i < to; i++)
        {
            Assert.True(await store.CommitAsync(new KeyValueBatch().Delete([i]).AsRemoval(), CancellationToken.None));
        }
    }

    /// <summary>Waits until RocksDB, which checks for free space every few seconds, accepts writes again.</summary>
    private static Task TakesAgainAsync(RocksDbKeyValueStore store) => TakesAgainAsync(store, static () => new KeyValueBatch().Put([201], []));

    private static async Task TakesAgainAsync(RocksDbKeyValueStore store, Func<KeyValueBatch> batch)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            try
            {
                Assert.True(await store.CommitAsync(batch(), limit.Token));
                return;
            }
            catch (StorageFullException)
            {
                await tick.WaitForNextTickAsync(limit.Token);
            }
        }
    }

    private static async Task WriteAsync(FileBlobStore store, SeededRandomSource random)
    {
        await using IBlobWriter writer = await store.CreateAsync(BlobId.Create(random), 10, CancellationToken.None);
        await writer.WriteAsync(new(new byte[10]), CancellationToken.None);
        await writer.CommitAsync(CancellationToken.None);
    }

    private void MakeFiles(long leave)
    {
        string directory = Path.Combine(_directory.FullPath, "files");
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory);
        }

        for (long free = FileSystemSpace.Of(_directory.FullPath).FreeInodes; free > leave; free--)
        {
            File.Create(Path.Combine(directory, Guid.NewGuid().ToString())).Dispose();
        }
    }

    private static void FillToTheLastByte(string path)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        byte[] block = new byte[1 << 20];
        long at = 0;
        for (int size = block.Length; size >= 1; size /= 2)
        {
            try
            {
                while (true)
                {
                    RandomAccess.Write(file, block.AsSpan(0, size), at);
                    at += size;
                }
            }
            catch (IOException)
            {
                // Nothing of this size fits any more.
            }
        }
    }

    /// <summary>In place of the tmpfs, a file system whose allocations are kept.</summary>
    private bool MountImage(params string[] options)
    {
        _image = Path.GetTempFileName();
        using (FileStream image = File.OpenWrite(_image))
        {
            image.SetLength(128 << 20);
        }

        if (!_mounted || !Run("umount", _directory.FullPath))
        {
            return false;
        }

        _mounted = false;
        _mounted = Run("mkfs.ext4", ["-q", "-F", "-m", "0", .. options, _image]) && Run("mount", "-o", "loop", _image, _directory.FullPath);
        return _mounted;
    }

    private void Fill(FileStream filler, long leave)
    {
        filler.Write(new byte[new DriveInfo(_directory.FullPath).AvailableFreeSpace - leave]);
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

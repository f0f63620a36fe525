using System.Buffers.Binary;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Servers;

namespace Tarn.Backends.Tests;

/// <summary>Checkpoints of a store in use: what they have, compared with what was answered.</summary>
public sealed class CheckpointTests : IAsyncLifetime
{
    private const int Writers = 6;
    private const int CommitsBetween = 400;
    private const byte Rows = 1;
    private const byte Newest = 2;

    private readonly TemporaryDirectory _directory = new();
    private readonly SemaphoreSlim _commits = new(0);
    private readonly long[] _answered = new long[Writers];
    private RocksDbKeyValueStore _store = null!;

    // Small enough that tables are flushed and compacted while checkpoints are taken.
    public ValueTask InitializeAsync()
    {
        _store = Open(_directory.PathOf("live"), new RocksDbOptions { WriteBufferBytes = 256 << 10 });
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _directory.Dispose();
        _commits.Dispose();
    }

    [Fact]
    public async Task Under_load_it_has_all_that_was_answered_and_whole_commits_only()
    {
        using CancellationTokenSource end = new();
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer, end.Token)))];
        ulong last = 0;
        for (int i = 0; i < 6; i++)
        {
            for (int commit = 0; commit < CommitsBetween; commit++)
            {
                Assert.True(await _commits.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken), "The writers write no more.");
            }

            long[] before = Answered();
            string path = _directory.PathOf($"checkpoint{i}");
            ulong number = await _store.CheckpointAsync(path, TestContext.Current.CancellationToken);
            long[] after = Answered();
            Assert.True(number > last);
            last = number;
            await CompareAsync(path, before, after, number);
        }

        await end.CancelAsync();
        await Task.WhenAll(writers);
    }

    [Fact]
    public async Task It_can_be_opened_written_and_damaged_like_any_store_and_the_store_does_not_change()
    {
        await WriteAsync(0, count: 500);
        string path = _directory.PathOf("checkpoint");
        ulong number = await _store.CheckpointAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(1500UL, number);

        // It records how far it goes, as a store does: what is cut off it is missed.
        string cut = _directory.PathOf("cut");
        Directory.CreateDirectory(cut);
        foreach (string file in Directory.GetFiles(path).Where(file => Path.GetExtension(file) is not (".sst" or ".blob")))
        {
            File.Copy(file, Path.Combine(cut, Path.GetFileName(file)));
        }

        Assert.Throws<StoreDamagedException>(() => RocksDbKeyValueStore.Open(cut, new RocksDbOptions()));
        await using (RocksDbKeyValueStore copy = Open(path, new RocksDbOptions()))
        {
            Assert.True(await copy.CommitAsync(new KeyValueBatch().Put([Newest, 0], [9]), TestContext.Current.CancellationToken));
        }

        Assert.Equal(Number(500), await _store.GetAsync([Newest, 0], TestContext.Current.CancellationToken));
        await WriteAsync(0, count: 500);
        Assert.Empty((await _store.VerifyAsync(null, TestContext.Current.CancellationToken)).Damage);
    }

    [Fact]
    public async Task Of_an_empty_store_it_is_an_empty_store()
    {
        string path = _directory.PathOf("checkpoint");
        Assert.Equal(0UL, await _store.CheckpointAsync(path, TestContext.Current.CancellationToken));
        await using RocksDbKeyValueStore copy = Open(path, new RocksDbOptions());
        Assert.Empty(await copy.ScanAsync([0], [255], 10, reverse: false, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_directory_that_exists_or_cannot_be_made_is_refused_and_the_store_goes_on()
    {
        string path = _directory.PathOf("there");
        Directory.CreateDirectory(path);
        IOException refused = await Assert.ThrowsAsync<IOException>(async () => await _store.CheckpointAsync(path, TestContext.Current.CancellationToken));
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<IOException>(async () => await _store.CheckpointAsync(Path.Combine(path, "no", "parent"), TestContext.Current.CancellationToken));
        Assert.Empty(Directory.GetFileSystemEntries(path));
        await WriteAsync(0, count: 5);
        await _store.CheckpointAsync(Path.Combine(path, "new"), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Without_room_above_the_reserve_none_is_taken()
    {
        await using RocksDbKeyValueStore full = Open(_directory.PathOf("full"), new RocksDbOptions { ReserveBytes = long.MaxValue / 4 });
        await Assert.ThrowsAsync<StorageFullException>(async () => await full.CheckpointAsync(_directory.PathOf("none"), TestContext.Current.CancellationToken));
        Assert.False(Path.Exists(_directory.PathOf("none")));
    }

    [Fact]
    public async Task A_closed_store_takes_none()
    {
        await _store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _store.CheckpointAsync(_directory.PathOf("none"), TestContext.Current.CancellationToken));
    }

    private static RocksDbKeyValueStore Open(string path, RocksDbOptions options) =>
        RocksDbKeyValueStore.Open(path, options.ReserveBytes > 1L << 40 ? options : options with { ReserveBytes = 0 });

    private static byte[] Number(long number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] RowKey(int writer, long number) => [Rows, (byte)writer, .. Number(number)];

    private long[] Answered() => [.. Enumerable.Range(0, Writers).Select(writer => Volatile.Read(ref _answered[writer]))];

    private async Task WriteAsync(int writer, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await WriteOneAsync(writer);
        }
    }

    private async Task WriteAsync(int writer, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await WriteOneAsync(writer);
        }
    }

    // One commit: the writer's next row, which has what all writers had been answered, its newest number, and every third row gone again.
    private async Task WriteOneAsync(int writer)
    {
        long number = _answered[writer] + 1;
        byte[] value = new byte[number % 4 == 0 ? 3000 : 200];
        new Random((int)number).NextBytes(value);
        long[] known = Answered();
        for (int i = 0; i < Writers; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(8 * i), known[i]);
        }

        KeyValueBatch batch = new KeyValueBatch().Put(RowKey(writer, number), value).Put([Newest, (byte)writer], Number(number)).Delete(RowKey(writer, number / 3 * 3));
        Assert.True(await _store.CommitAsync(batch, CancellationToken.None));
        Volatile.Write(ref _answered[writer], number);
        _commits.Release();
    }

    private static async Task CompareAsync(string path, long[] before, long[] after, ulong number)
    {
        await using RocksDbReader copy = RocksDbReader.Open(path, new RocksDbOptions());
        Assert.Equal(number, copy.LastChange);
        Assert.Empty((await copy.VerifyAsync(null, CancellationToken.None)).Damage);
        long[] newest = new long[Writers];
        for (int writer = 0; writer < Writers; writer++)
        {
            newest[writer] = BinaryPrimitives.ReadInt64BigEndian(await copy.GetAsync([Newest, (byte)writer], CancellationToken.None));
            Assert.InRange(newest[writer], before[writer], after[writer] + 1);
        }

        for (int writer = 0; writer < Writers; writer++)
        {
            IReadOnlyList<KeyValueEntry> rows = await copy.ScanAsync(RowKey(writer, 0), RowKey(writer, long.MaxValue), int.MaxValue, reverse: false, CancellationToken.None);
            long last = newest[writer];
            Assert.Equal(
                Enumerable.Range(1, (int)last).Where(i => i % 3 != 0).Select(i => RowKey(writer, i)),
                rows.Select(static row => row.Key));
            foreach (KeyValueEntry row in rows)
            {
                long i = BinaryPrimitives.ReadInt64BigEndian(row.Key.AsSpan(2));
                byte[] expected = new byte[i % 4 == 0 ? 3000 : 200];
                new Random((int)i).NextBytes(expected);
                Assert.True(expected.AsSpan(8 * Writers).SequenceEqual(row.Value.AsSpan(8 * Writers)));

                // What had been answered before a commit that is in the copy is in it.
                for (int other = 0; other < Writers; other++)
                {
                    Assert.InRange(BinaryPrimitives.ReadInt64BigEndian(row.Value.AsSpan(8 * other)), 0, newest[other]);
                }
            }
        }
    }
}

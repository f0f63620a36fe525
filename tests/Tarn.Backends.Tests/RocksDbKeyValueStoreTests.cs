using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Contracts;
using Tarn.TestKit.Servers;

namespace Tarn.Backends.Tests;

/// <summary>The map's contract over RocksDB, and the failures that only an engine on disk has.</summary>
public sealed class RocksDbKeyValueStoreTests : KeyValueStoreContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override ValueTask<IKeyValueStore> OpenAsync() =>
        new(RocksDbKeyValueStore.Open(_directory.FullPath, new RocksDbOptions()));

    protected override ValueTask CleanUpAsync()
    {
        _directory.Dispose();
        return default;
    }

    [Fact]
    public async Task What_was_committed_survives_a_restart()
    {
        byte[] large = new byte[100_000];
        new Random(1).NextBytes(large);
        await PutAsync("a", "1");
        await PutAsync("gone", "1");
        await DeleteAsync("gone");
        await Store.CommitAsync(new KeyValueBatch().Put(Bytes("large"), large), TestContext.Current.CancellationToken);
        await ReopenAsync();
        Assert.Equal(["a", "large"], await ScanAsync("", "z"));
        Assert.Equal(large, await Store.GetAsync(Bytes("large"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_was_committed_is_in_the_log_before_the_answer()
    {
        // A copy of the files taken while the store is open is what a dead process leaves.
        await PutAsync("a", "1");
        using TemporaryDirectory copy = new();
        foreach (string file in Directory.EnumerateFiles(_directory.FullPath))
        {
            File.Copy(file, Path.Combine(copy.FullPath, Path.GetFileName(file)));
        }

        await using RocksDbKeyValueStore survivor = RocksDbKeyValueStore.Open(copy.FullPath, new RocksDbOptions());
        Assert.Equal(Bytes("1"), await survivor.GetAsync(Bytes("a"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_store_that_is_open_is_refused_with_a_clear_message()
    {
        StoreLockedException refused = Assert.Throws<StoreLockedException>(
            () => RocksDbKeyValueStore.Open(_directory.FullPath, new RocksDbOptions()));
        Assert.Contains(_directory.FullPath, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_store_refuses_every_call()
    {
        IKeyValueStore store = Store;
        await ReopenAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await store.CommitAsync(new KeyValueBatch().Put([1], [1]), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await store.GetAsync([1], TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await store.ScanAsync(First, Last, 1, false, TestContext.Current.CancellationToken));
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Closing_commits_what_waits()
    {
        Task<bool>[] commits = [.. Enumerable.Range(0, 500).Select(i =>
            Store.CommitAsync(new KeyValueBatch().Put(Bytes($"{i:d3}"), Bytes("v")), TestContext.Current.CancellationToken).AsTask())];
        await ReopenAsync();
        Assert.All(await Task.WhenAll(commits), Assert.True);
        Assert.Equal(500, (await ScanAsync("", "z", 1000)).Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    public async Task Writers_of_one_row_never_lose_a_change_whether_they_come_one_by_one_or_at_once(int writers)
    {
        const int Turns = 300;
        byte[] key = Bytes("counter");
        for (int i = 0; i < 50; i++)
        {
            await IncrementAsync(key);
        }

        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < Turns; i++)
            {
                await IncrementAsync(key);
            }
        })));
        await ReopenAsync();
        Assert.Equal(50 + (writers * Turns), BitConverter.ToInt32(await Store.GetAsync(key, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Closing_waits_for_a_batch_that_its_caller_writes()
    {
        for (int i = 0; i < 100; i++)
        {
            await PutAsync("a", "1");
        }

        // The store may close before, while or after the row is written, but not without saying which.
        Task<bool> last = Task.Run(async () => await Store.CommitAsync(new KeyValueBatch().Put(Bytes("last"), Bytes("1")), TestContext.Current.CancellationToken));
        IKeyValueStore closing = Store;
        await ReopenAsync();
        await closing.DisposeAsync();
        bool isCommitted = await last.ContinueWith(static task => task.IsCompletedSuccessfully && task.Result, TaskScheduler.Default);
        Assert.Equal(isCommitted, await Store.GetAsync(Bytes("last"), TestContext.Current.CancellationToken) is not null);
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_an_error_that_says_so()
    {
        string file = Path.Combine(_directory.FullPath, "file");
        File.WriteAllText(file, "");
        Assert.ThrowsAny<IOException>(() => RocksDbKeyValueStore.Open(Path.Combine(file, "db"), new RocksDbOptions()));
    }

    private async Task IncrementAsync(byte[] key)
    {
        while (true)
        {
            byte[]? before = await Store.GetAsync(key, TestContext.Current.CancellationToken);
            byte[] after = BitConverter.GetBytes((before is null ? 0 : BitConverter.ToInt32(before)) + 1);
            if (await Store.CommitAsync(new KeyValueBatch().Check(key, before).Put(key, after), TestContext.Current.CancellationToken))
            {
                return;
            }
        }
    }
}

using Tarn.Core.KeyValue;

namespace Tarn.TestKit.Stores;

/// <summary>
/// A map that yields at every call, and runs a test's hook right before or after a commit: the way to lose
/// a race, or an answer, on purpose. Each hook is removed before it runs, so its own calls are not hooked.
/// </summary>
public sealed class HookedKeyValueStore(IKeyValueStore inner) : IKeyValueStore
{
    private Func<KeyValueBatch, Task>? _before;
    private Func<KeyValueBatch, Task>? _after;
    private Func<Task>? _beforeSnapshot;
    private int _commits;

    /// <summary>The number of commits attempted, whether or not they applied.</summary>
    public int Commits => Volatile.Read(ref _commits);

    /// <summary>Runs once, before the next commit.</summary>
    public Func<KeyValueBatch, Task>? BeforeCommit { set => _before = value; }

    /// <summary>Runs once, after the next commit was applied and before it returns.</summary>
    public Func<KeyValueBatch, Task>? AfterCommit { set => _after = value; }

    /// <summary>Runs once, before the next snapshot is opened.</summary>
    public Func<Task>? BeforeSnapshot { set => _beforeSnapshot = value; }

    /// <summary>Why the read of a key fails; null when it does not.</summary>
    public Func<byte[], Exception?>? FailRead { get; set; }

    /// <summary>What the read of a key waits for; null when it does not.</summary>
    public Func<byte[], Task?>? HoldRead { get; set; }

    /// <summary>Why a scan fails that comes upon a key; null when it does not.</summary>
    public Func<byte[], Exception?>? FailScan { get; set; }

    public async ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        await Task.Yield();
        foreach (byte[] key in keys)
        {
            await HoldAsync(key);
            ThrowIfFailing(key);
        }

        return await inner.GetAsync(keys, cancellationToken);
    }

    public async ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken)
    {
        await Task.Yield();
        await HoldAsync(key);
        ThrowIfFailing(key);
        return await inner.GetAsync(key, cancellationToken);
    }

    private Task HoldAsync(byte[] key) => HoldRead?.Invoke(key) ?? Task.CompletedTask;

    private void ThrowIfFailing(byte[] key)
    {
        if (FailRead?.Invoke(key) is { } failure)
        {
            throw failure;
        }
    }

    public async ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(
        byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
    {
        await Task.Yield();
        IReadOnlyList<KeyValueEntry> rows = await inner.ScanAsync(from, to, limit, reverse, cancellationToken);
        return FailScan is { } fail && rows.Select(row => fail(row.Key)).FirstOrDefault(static failure => failure is not null) is { } found ? throw found : rows;
    }

    public async ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (Interlocked.Exchange(ref _beforeSnapshot, null) is { } before)
        {
            await before();
        }

        return await inner.OpenSnapshotAsync(cancellationToken);
    }

    public async ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _commits);
        await Task.Yield();
        if (Interlocked.Exchange(ref _before, null) is { } before)
        {
            await before(batch);
        }

        bool applied = await inner.CommitAsync(batch, cancellationToken);
        if (Interlocked.Exchange(ref _after, null) is { } after)
        {
            await after(batch);
        }

        return applied;
    }

    public ValueTask DisposeAsync() => default;
}

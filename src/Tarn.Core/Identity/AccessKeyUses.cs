using System.Collections.Concurrent;
using System.Net;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>
/// Notes when access keys are used. Requests note it in memory, up to a bound, and at most once a minute it is written to the store: what a crash loses is the last minute. Thread-safe.
/// </summary>
public sealed class AccessKeyUses
{
    /// <summary>How many keys can have a use that is not written yet: those of further keys are not noted until then.</summary>
    public const int MaxPending = 10_000;

    /// <summary>The time between two writes.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private const int Page = 500;

    private readonly IKeyValueStore _store;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, AccessKeyUse> _pending = new(StringComparer.Ordinal);
    private int _count;

    /// <param name="store">Where the rows are.</param>
    /// <param name="clock">The server's clock.</param>
    public AccessKeyUses(IKeyValueStore store, TimeProvider clock)
    {
        _store = store;
        _clock = clock;
    }

    /// <summary>Keys whose last use is not written yet.</summary>
    internal int Pending => Volatile.Read(ref _count);

    /// <summary>Notes that a request has proved to have a key. Does not block, and costs a look-up where the key was used in the same minute before.</summary>
    /// <param name="accessKeyId">The key.</param>
    /// <param name="time">When.</param>
    /// <param name="address">The client's address; null when it is not known.</param>
    public void Note(string accessKeyId, DateTimeOffset time, IPAddress? address)
    {
        DateTimeOffset minute = Minute(time);
        if (_pending.TryGetValue(accessKeyId, out AccessKeyUse? known))
        {
            if (known.Time < minute)
            {
                // Of two requests at the same time either may win. If the key has been written since, the next request notes it again.
                _pending.TryUpdate(accessKeyId, Use(minute, address), known);
            }
        }
        else if (Pending < MaxPending && _pending.TryAdd(accessKeyId, Use(minute, address)))
        {
            Interlocked.Increment(ref _count);
        }
    }

    /// <summary>The last uses of some keys, written or not; null for a key that was never used.</summary>
    public async ValueTask<IReadOnlyList<AccessKeyUse?>> FindAsync(IReadOnlyList<AccessKey> accessKeys, CancellationToken cancellationToken)
    {
        byte[][] keys = [.. accessKeys.Select(static key => Tables.AccessKeyUseKey(key.Id))];
        AccessKeyUse?[] pending = [.. accessKeys.Select(key => _pending.GetValueOrDefault(key.Id) is { } use && IsOf(use, key) ? use : null)];
        byte[]?[] rows = await _store.GetAsync(keys, cancellationToken);
        return [.. pending.Select((use, i) => Later(use, Decode(keys[i], rows[i])))];
    }

    /// <summary>Writes what was noted. What is not written since its key was just changed is written the next time; uses of keys that do not exist are dropped, and those of an earlier key of the same id.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        foreach (KeyValuePair<string, AccessKeyUse>[] page in _pending.ToArray().Chunk(Page))
        {
            byte[][] keys = [.. page.Select(static use => Tables.AccessKeyKey(use.Key)), .. page.Select(static use => Tables.AccessKeyUseKey(use.Key))];
            byte[]?[] rows = await _store.GetAsync(keys, cancellationToken);
            var batch = new KeyValueBatch();
            bool any = false;
            for (int i = 0; i < page.Length; i++)
            {
                byte[] row = keys[page.Length + i];
                if (rows[i] is { } key && IsOf(page[i].Value, Rows.Decode(keys[i], key, AccessKey.Decode))
                    && ReferenceEquals(Later(page[i].Value, Decode(row, rows[page.Length + i])), page[i].Value))
                {
                    // The check keeps the use of a key that is revoked meanwhile from staying behind.
                    batch.Check(keys[i], key).Put(row, page[i].Value.Encode());
                    any = true;
                }
            }

            if (!any || await _store.CommitAsync(batch, cancellationToken))
            {
                Written(page);
            }
        }
    }

    /// <summary>Writes every minute, until cancelled.</summary>
    /// <param name="failed">Called for a write that failed; the next one tries again.</param>
    public async Task RunAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(Every, _clock);
        while (await tick.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await FlushAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
            }
        }
    }

    private void Written(KeyValuePair<string, AccessKeyUse>[] page)
    {
        foreach (KeyValuePair<string, AccessKeyUse> use in page)
        {
            // One that was used again meanwhile stays.
            if (_pending.TryRemove(use))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }

    /// <summary>Whether the key was there: a use of an earlier key of the same id, which was revoked before its use was written, is none of this one.</summary>
    private static bool IsOf(AccessKeyUse use, AccessKey key) => use.Time >= Minute(key.Created);

    private static AccessKeyUse? Later(AccessKeyUse? one, AccessKeyUse? other) =>
        one is null || (other is not null && other.Time >= one.Time) ? other : one;

    // A damaged row is as good as none: the next use replaces it.
    private static AccessKeyUse? Decode(byte[] key, byte[]? row) => row is null ? null : Rows.TryDecode(key, row, AccessKeyUse.Decode);

    private static DateTimeOffset Minute(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds() / 60 * 60);

    private static AccessKeyUse Use(DateTimeOffset minute, IPAddress? address) =>
        new(minute, (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString());
}

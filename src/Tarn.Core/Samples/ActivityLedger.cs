using System.Collections.Concurrent;

namespace Tarn.Core.Samples;

/// <summary>
/// Counts what requests do to each bucket since the process started, without locks. It holds at most <see cref="Capacity"/> buckets; requests to others are only counted as
/// <see cref="Uncounted"/>. Thread-safe.
/// </summary>
/// <param name="capacity">The largest number of buckets.</param>
public sealed class ActivityLedger(int capacity = ActivityLedger.Capacity)
{
    /// <summary>The largest number of buckets by default: about 15 MB.</summary>
    public const int Capacity = 100_000;

    private readonly ConcurrentDictionary<ulong, Account> _accounts = new();
    private int _count;
    private long _uncounted;

    /// <summary>Requests to buckets beyond the capacity.</summary>
    public long Uncounted => Volatile.Read(ref _uncounted);

    /// <summary>Counts what a request did to a bucket.</summary>
    public void Add(ulong bucketId, in BucketActivity done)
    {
        if (_accounts.TryGetValue(bucketId, out Account? account) || Open(bucketId, out account))
        {
            account.Done.Add(done);
        }
        else
        {
            Interlocked.Increment(ref _uncounted);
        }
    }

    /// <summary>What was done to a bucket since the process started.</summary>
    public BucketActivity Total(ulong bucketId) => _accounts.TryGetValue(bucketId, out Account? account) ? account.Done.Total : default;

    /// <summary>What was done to each bucket since the last call; buckets to which nothing was done are included if they ever had a request.</summary>
    internal Dictionary<ulong, BucketActivity> Take()
    {
        var taken = new Dictionary<ulong, BucketActivity>();
        foreach ((ulong bucket, Account account) in _accounts)
        {
            taken[bucket] = account.Take();
        }

        return taken;
    }

    /// <summary>Forgets a bucket that was deleted.</summary>
    internal void Forget(ulong bucketId)
    {
        if (_accounts.TryRemove(bucketId, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private bool Open(ulong bucketId, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Account? account)
    {
        account = null;
        if (Interlocked.Increment(ref _count) > capacity)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        var opened = new Account();
        account = _accounts.GetOrAdd(bucketId, opened);
        if (account != opened)
        {
            Interlocked.Decrement(ref _count);
        }

        return true;
    }

    private sealed class Account
    {
        private BucketActivity _taken;

        public ActivityCounter Done { get; } = new();

        /// <summary>Called by one thread at a time.</summary>
        public BucketActivity Take()
        {
            BucketActivity now = Done.Total;
            BucketActivity since = now - _taken;
            _taken = now;
            return since;
        }
    }
}

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
            account.Add(done);
        }
        else
        {
            Interlocked.Increment(ref _uncounted);
        }
    }

    /// <summary>What was done to a bucket since the process started.</summary>
    public BucketActivity Total(ulong bucketId) => _accounts.TryGetValue(bucketId, out Account? account) ? account.Total : default;

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
        private long _requests;
        private long _errors;
        private long _serverErrors;
        private long _bytesIn;
        private long _bytesOut;
        private BucketActivity _taken;

        public BucketActivity Total => new(
            Volatile.Read(ref _requests), Volatile.Read(ref _errors), Volatile.Read(ref _serverErrors), Volatile.Read(ref _bytesIn), Volatile.Read(ref _bytesOut));

        public void Add(in BucketActivity done)
        {
            Interlocked.Add(ref _requests, done.Requests);
            Interlocked.Add(ref _bytesIn, done.BytesIn);
            Interlocked.Add(ref _bytesOut, done.BytesOut);
            if (done.Errors > 0)
            {
                Interlocked.Add(ref _errors, done.Errors);
                Interlocked.Add(ref _serverErrors, done.ServerErrors);
            }
        }

        /// <summary>Called by one thread at a time.</summary>
        public BucketActivity Take()
        {
            BucketActivity now = Total;
            BucketActivity since = now - _taken;
            _taken = now;
            return since;
        }
    }
}

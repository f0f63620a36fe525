using System.Text;
using Tarn.Core.Lifecycle;
using Tarn.Core.Model;

namespace Tarn.Tests.Lifecycle;

/// <summary>A bucket in memory that can be changed behind the worker's back, and that fails at a chosen call.</summary>
internal sealed class FakeLifecycleTarget : ILifecycleTarget
{
    private readonly Lock _lock = new();
    private int _calls;

    public LifecycleConfiguration Rules { get; set; } = null!;

    /// <summary>Newest first.</summary>
    public SortedDictionary<string, List<LifecycleVersion>> Keys { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, DateTimeOffset> Uploads { get; } = new(StringComparer.Ordinal);

    public List<string> Deeds { get; } = [];

    public List<string> Reads { get; } = [];

    /// <summary>The call that throws, counted from 1; 0 for none.</summary>
    public int FailAt { get; set; }

    public int Calls => _calls;

    /// <summary>Runs before each act.</summary>
    public Action<string> BeforeDeed { get; set; } = static _ => { };

    public int BucketGeneration { get; set; }

    public VersioningState Versioning { get; set; } = VersioningState.Enabled;

    public async IAsyncEnumerable<LifecycleBucket> BucketsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Call();
        await Task.CompletedTask;
        yield return new LifecycleBucket(7, Versioning, Rules, BucketGeneration);
    }

    public ValueTask<IReadOnlyList<LifecycleKey>> ReadKeysAsync(LifecycleBucket bucket, byte[] from, int limit, CancellationToken cancellationToken)
    {
        Call();
        lock (_lock)
        {
            string start = Encoding.UTF8.GetString(from);
            Reads.Add(start);
            return new(Keys.Where(k => string.CompareOrdinal(k.Key, start) >= 0).Take(limit)
                .Select(k => new LifecycleKey(Encoding.UTF8.GetBytes(k.Key), k.Value[0])).ToList());
        }
    }

    public ValueTask<IReadOnlyList<LifecycleVersion>> ReadNoncurrentAsync(
        LifecycleBucket bucket, byte[] key, LifecycleVersion? after, int limit, CancellationToken cancellationToken)
    {
        Call();
        lock (_lock)
        {
            IEnumerable<LifecycleVersion> older = Keys.GetValueOrDefault(Encoding.UTF8.GetString(key), []).Skip(1);
            return new(older.Where(v => after is null || v.LastModified < after.LastModified).Take(limit).ToList());
        }
    }

    public async ValueTask<IReadOnlyList<LifecycleResult>> ApplyAsync(
        LifecycleBucket bucket, IReadOnlyList<LifecyclePlanned> planned, CancellationToken cancellationToken)
    {
        var results = new List<LifecycleResult>();
        foreach (LifecyclePlanned one in planned)
        {
            results.Add(await ApplyAsync(bucket, one.Key, one.Action, [], cancellationToken));
        }

        return results;
    }

    public ValueTask<LifecycleResult> ApplyAsync(
        LifecycleBucket bucket, byte[] key, LifecycleAction action, IReadOnlyList<LifecycleVersion> witnesses, CancellationToken cancellationToken)
    {
        string name = Encoding.UTF8.GetString(key);
        BeforeDeed(name);
        Call();
        lock (_lock)
        {
            if ((int)bucket.Token != BucketGeneration)
            {
                return new(LifecycleResult.BucketChanged);
            }

            List<LifecycleVersion> versions = Keys.GetValueOrDefault(name, []);
            if (!versions.Contains(action.Version) || !witnesses.All(versions.Contains))
            {
                return new(LifecycleResult.Changed);
            }

            Deeds.Add($"{action.Kind} {name} {action.Version.Token}");
            switch (action.Kind)
            {
                case LifecycleActionKind.ExpireCurrent:
                    LifecycleVersion marker = action.Version with
                    {
                        Token = $"{action.Version.Token}-marker", IsDeleteMarker = true, LastModified = action.Version.LastModified.AddDays(1000),
                    };
                    versions[0] = action.Version with { IsLatest = false, NoncurrentSince = marker.LastModified };
                    versions.Insert(0, marker);
                    break;
                default:
                    versions.Remove(action.Version);
                    break;
            }

            if (versions.Count == 0)
            {
                Keys.Remove(name);
            }

            return new(LifecycleResult.Applied);
        }
    }

    public ValueTask<IReadOnlyList<LifecycleUpload>> ReadUploadsAsync(LifecycleBucket bucket, byte[] from, int limit, CancellationToken cancellationToken)
    {
        Call();
        lock (_lock)
        {
            string start = Encoding.UTF8.GetString(from);
            return new(Uploads.Where(u => string.CompareOrdinal(u.Key, start) >= 0).Take(limit)
                .Select(u => new LifecycleUpload(Encoding.UTF8.GetBytes(u.Key), u.Value, u.Value, Encoding.UTF8.GetBytes(u.Key + "\0"))).ToList());
        }
    }

    public ValueTask<LifecycleResult> AbortAsync(LifecycleBucket bucket, LifecycleUpload upload, CancellationToken cancellationToken)
    {
        string name = Encoding.UTF8.GetString(upload.Key);
        BeforeDeed(name);
        Call();
        lock (_lock)
        {
            if (!Uploads.TryGetValue(name, out DateTimeOffset initiated) || initiated != (DateTimeOffset)upload.Token)
            {
                return new(LifecycleResult.Changed);
            }

            Deeds.Add($"Abort {name}");
            Uploads.Remove(name);
            return new(LifecycleResult.Applied);
        }
    }

    private void Call()
    {
        if (Interlocked.Increment(ref _calls) == FailAt)
        {
            throw new IOException("The power went off.");
        }
    }
}

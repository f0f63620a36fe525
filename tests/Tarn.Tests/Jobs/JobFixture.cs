using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Access;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Core.Storage;
using Tarn.S3.Access;
using Tarn.S3.Jobs;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Jobs;

/// <summary>Jobs over stores in memory: what they need, put together anew after each crash.</summary>
internal sealed class JobFixture : IJobWatcher
{
    public const string Organization = "acme";

    private readonly SeededRandomSource _random;

    public JobFixture(int seed = 1)
    {
        _random = new SeededRandomSource(seed);
        Clock.SetUtcNow(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Blobs = new MemoryBlobStore(Clock);
        Open(CrashPoint.Never());
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public FakeTimeProvider Clock { get; } = new();

    public MemoryKeyValueStore Rows { get; } = new();

    public MemoryBlobStore Blobs { get; }

    public JobOptions Options { get; } = new() { PageSize = 5, Concurrency = 3, KeysPerSecond = int.MaxValue };

    public HookedCommits Hooks { get; private set; } = null!;

    public ObjectStore Objects { get; private set; } = null!;

    public IdentityStore Identity { get; private set; } = null!;

    public JobStore Jobs { get; private set; } = null!;

    public JobRunner Runner { get; private set; } = null!;

    public JobRequests Requests { get; private set; } = null!;

    public JobAccess Access { get; private set; } = null!;

    public Principal Root { get; private set; } = null!;

    /// <summary>The last principal that <see cref="UserAsync"/> made.</summary>
    public ICredentialSource Credentials { get; private set; } = null!;

    public bool IsCancelled { get; set; }

    public List<Exception> Failures { get; } = [];

    public Action<Job>? OnAdvanced { get; set; }

    /// <summary>Puts everything together as a start of the server does.</summary>
    public void Open(CrashPoint crash)
    {
        Hooks = new HookedCommits(new CrashingKeyValueStore(Rows, crash));
        var guarded = new KeyRowsGuard(Hooks);
        Objects = new ObjectStore(guarded, Blobs, Clock, _random, new ObjectStoreOptions { InlineLimit = 100 });
        Identity = new IdentityStore(guarded, new PlainProtector(), "ROOTKEY", Clock, _random);
        Credentials = new StoredCredentials(Identity, null);
        Jobs = new JobStore(guarded, Clock, _random);
        var walk = new JobWalk(guarded);
        var requesters = new JobRequesters(Identity, Credentials, Clock);
        var pace = new JobPace(Options, Clock);
        Access = new JobAccess(new AccessDecider(Objects.Reader, new StoredOrganizationPolicies(Identity)), Objects.Buckets, requesters, pace, Clock);
        var deletes = new DeleteWork(Objects.Deleter);
        var copies = new CopyWork(Objects.Reader, Objects.Copier, Objects.Deleter);
        Requests = new JobRequests(Access, requesters, Objects.Counts, Clock);
        Runner = new JobRunner(Jobs, walk, Access, pace, Options, Clock, new Dictionary<JobKind, IJobWork>
        {
            [JobKind.Delete] = deletes,
            [JobKind.Empty] = deletes,
            [JobKind.Copy] = copies,
            [JobKind.Rename] = copies,
            [JobKind.Tag] = new TagWork(Objects.Reader, Objects.Amender),
            [JobKind.Restore] = new RestoreWork(walk, Objects.Reader, Objects.Copier),
        });
    }

    public async Task BeginAsync()
    {
        NewAccessKey key = (await Identity.Organizations.CreateAsync(new OrganizationRequest { Name = Organization }, Token)).Key;
        Root = (await Credentials.FindAsync(key.Key.Id, Token))!.Principal;
    }

    /// <summary>Makes a user with a policy of the organization for them.</summary>
    public async Task<Principal> UserAsync(string name, params string[] actions)
    {
        NewAccessKey key = (await Identity.Users.CreateAsync(Organization, new UserRequest { Name = name }, Token)).Key;
        await AllowAsync(name, actions);
        return (await Credentials.FindAsync(key.Key.Id, Token))!.Principal;
    }

    public async Task AllowAsync(string name, params string[] actions)
    {
        if (actions.Length > 0)
        {
            string list = string.Join(',', actions.Select(static action => $"\"{action}\""));
            await Identity.Policies.PutAsync(
                Organization, name, $$"""{"version":"v1alpha1","name":"{{name}}","statements":[{"name":"s","effect":"Allow","actions":[{{list}}],"resources":["*"],"principals":["arn:aws:iam::acme:user/{{name}}"]}]}""", Token);
        }
    }

    public async Task<Bucket> BucketAsync(string name, VersioningState versioning = VersioningState.Never)
    {
        Bucket bucket = (await Objects.Buckets.CreateAsync(StoreFixture.Name(name), Root.OwnerId, Root.DisplayName, "us-east-1", Token))!;
        if (versioning != VersioningState.Never)
        {
            await Objects.Buckets.SetVersioningAsync(bucket, versioning, Token);
        }

        return await FindAsync(name);
    }

    public async Task<Bucket> FindAsync(string name) => await Objects.Buckets.GetAsync(StoreFixture.Name(name), Token);

    /// <summary>Puts an object in whose content is the text.</summary>
    public async Task<StoredObject> PutAsync(string bucket, string key, string content, params (string, string)[] tags)
    {
        Clock.Advance(TimeSpan.FromSeconds(1));
        return await PutNowAsync(bucket, key, content, new ObjectMetadata { Tags = [.. tags.Select(static tag => KeyValuePair.Create(tag.Item1, tag.Item2))] });
    }

    /// <summary>Puts an object in at the time that it is.</summary>
    public async Task<StoredObject> PutNowAsync(string bucket, string key, string content, ObjectMetadata? metadata = null) => await Objects.Writer.PutAsync(
        await FindAsync(bucket), StoreFixture.Key(key), Root.OwnerId, (metadata ?? ObjectMetadata.Empty) with { User = [new("content", content)] },
        new TestBody(Encoding.UTF8.GetBytes(content)), new IngestRequest(), WriteCondition.None, Token);

    public async Task DeleteAsync(string bucket, string key) =>
        await Objects.Deleter.DeleteAsync(await FindAsync(bucket), StoreFixture.Key(key), null, Root.OwnerId, DeleteCondition.None, Token);

    /// <summary>Everything in a bucket: a line for each version, the newest of a key first.</summary>
    public async Task<string[]> DumpAsync(string bucket)
    {
        VersionPage page = await Objects.Versions.ListAsync(await FindAsync(bucket), new VersionQuery { MaxKeys = 100_000 }, Token);
        return [.. page.Versions.Select(static listed => new ModelVersion(listed.Version).Line(listed.Key.ToString()))];
    }

    /// <param name="ahead">How much later than now it was asked for: what is put within that time is what it is about.</param>
    public async Task<Job> CreateAsync(JobParameters wanted, Principal? principal = null, JobOrigin? origin = null, string? token = null, TimeSpan ahead = default)
    {
        JobRecord record = await Requests.CheckAsync(
            wanted, principal ?? Root, origin ?? new JobOrigin { Remote = System.Net.IPAddress.Loopback, IsSecure = true, IsSigned = true, SignedAt = Clock.GetUtcNow() }, token, Token);
        return await Jobs.CreateAsync(record with { Created = record.Created + (long)ahead.TotalMilliseconds }, new JobOptions { UnfinishedOfOrganization = int.MaxValue, Unfinished = 100_000 }, Token);
    }

    /// <summary>Runs a job to its end.</summary>
    public async Task<JobRecord> RunAsync(JobParameters wanted, Principal? principal = null) => await RunAsync((await CreateAsync(wanted, principal)).Id);

    public async Task<JobRecord> RunAsync(Id128 id) => (await Runner.RunAsync(id, this, Token))!.Record;

    public async Task<int> MarksAsync(Id128 id)
    {
        byte[] prefix = Tables.JobKeysOf(id, Tables.JobMarkKind);
        return (await Rows.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), 10_000, reverse: false, Token)).Count;
    }

    public bool IsTurnOver(int pages) => false;

    public void Advanced(Job job) => OnAdvanced?.Invoke(job);

    public void Failed(Job job, ObjectKey key, Exception failure)
    {
        lock (Failures)
        {
            Failures.Add(failure);
        }
    }

    /// <summary>Not encryption: nothing here signs.</summary>
    private sealed class PlainProtector : ISecretProtector
    {
        public byte[] Protect(string subject, string secret) => Encoding.UTF8.GetBytes(secret);

        public string Unprotect(string subject, byte[] protectedSecret) => Encoding.UTF8.GetString(protectedSecret);
    }
}

/// <summary>Runs a test's code around each commit.</summary>
internal sealed class HookedCommits(IKeyValueStore inner) : IKeyValueStore
{
    /// <summary>Runs before each commit, and may throw in its place.</summary>
    public Func<KeyValueBatch, Task>? Before { get; set; }

    /// <summary>Runs before each scan, given where it begins, and may throw in its place.</summary>
    public Action<byte[]>? Scanning { get; set; }

    /// <summary>Runs after each commit that was applied.</summary>
    public Func<KeyValueBatch, Task>? After { get; set; }

    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => inner.GetAsync(keys, cancellationToken);

    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken)
    {
        Scanning?.Invoke(from);
        return inner.ScanAsync(from, to, limit, reverse, cancellationToken);
    }

    public ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken) => inner.OpenSnapshotAsync(cancellationToken);

    public async ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        if (Before is { } before)
        {
            await before(batch);
        }

        bool applied = await inner.CommitAsync(batch, cancellationToken);
        if (applied && After is { } after)
        {
            await after(batch);
        }

        return applied;
    }

    public ValueTask DisposeAsync() => default;
}

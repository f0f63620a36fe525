using System.Text.Json;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.TestKit.Hosting;
using Tarn.Tests.Control;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Jobs;

/// <summary>A server with buckets, and a client of its control API.</summary>
internal sealed class JobServer : IAsyncDisposable
{
    private readonly InProcessServer _server;
    private bool _isDisposed;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private JobServer(InProcessServer server)
    {
        _server = server;
        Client = new ControlApiClient(server.ControlUrl);
    }

    public ControlApiClient Client { get; }

    public static async Task<JobServer> StartAsync(InProcessSetup setup) => new(await InProcessServer.StartAsync(setup, Token));

    public T Get<T>()
        where T : notnull => _server.Get<T>();

    public Task StopAsync() => _server.StopAsync();

    /// <summary>Makes an organization with a bucket of the same name, with objects.</summary>
    public async Task<Signer> BucketAsync(string name, int keys)
    {
        Signer signer = await Client.OrganizationAsync(name);
        Organization organization = (await Get<IdentityStore>().Organizations.FindAsync(name, Token))!;
        ObjectStore objects = Get<ObjectStore>();
        Bucket bucket = (await objects.Buckets.CreateAsync(StoreFixture.Name(name), organization.CanonicalId, name, "us-east-1", Token))!;
        for (int i = 0; i < keys; i++)
        {
            await objects.Writer.PutAsync(bucket, StoreFixture.Key($"k/{i:0000}"), organization.CanonicalId, ObjectMetadata.Empty, new TestBody([1]), new IngestRequest(), WriteCondition.None, Token);
        }

        return signer;
    }

    public async Task<Signer> UserAsync(string organization, string name)
    {
        NewAccessKey key = (await Get<IdentityStore>().Users.CreateAsync(organization, new UserRequest { Name = name }, Token)).Key;
        await Get<IdentityStore>().Policies.PutAsync(
            organization, name, $$"""{"version":"v1alpha1","name":"{{name}}","statements":[{"name":"s","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["arn:aws:iam::{{organization}}:user/{{name}}"]}]}""", Token);
        return new Signer(key.Key.Id, key.SecretKey);
    }

    public async Task<int> CountAsync(string bucket, string prefix)
    {
        Bucket found = await Get<ObjectStore>().Buckets.GetAsync(StoreFixture.Name(bucket), Token);
        return (await Get<ObjectStore>().Lister.ListAsync(found, new Core.Objects.Listing.ListQuery { Prefix = System.Text.Encoding.UTF8.GetBytes(prefix) }, Token)).Objects.Count;
    }

    public async Task<JsonElement> EndedAsync(Signer signer, string id)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (true)
        {
            JsonElement job = await Client.DataAsync(signer, "GET", "/api/jobs/" + id);
            if (job.GetProperty("state").GetString() is not ("queued" or "running"))
            {
                return job;
            }

            await tick.WaitForNextTickAsync(Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Client.Dispose();
            await _server.DisposeAsync();
        }
    }
}

/// <summary>A store that survives the server that closes it.</summary>
internal sealed class KeptStore : IKeyValueStore
{
    private readonly MemoryKeyValueStore _inner = new();

    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => _inner.GetAsync(keys, cancellationToken);

    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) => _inner.GetAsync(key, cancellationToken);

    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
        _inner.ScanAsync(from, to, limit, reverse, cancellationToken);

    public ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken) => _inner.OpenSnapshotAsync(cancellationToken);

    public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken) => _inner.CommitAsync(batch, cancellationToken);

    public ValueTask DisposeAsync() => default;
}

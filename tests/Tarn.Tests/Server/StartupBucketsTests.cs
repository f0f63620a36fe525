using Tarn.Core;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Server.Configuration;
using Tarn.Server.Hosting;
using Tarn.Server.Identity;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Server;

/// <summary>The buckets that a start creates.</summary>
public sealed class StartupBucketsTests : IAsyncLifetime
{
    private readonly MemoryKeyValueStore _metadata = new();
    private ServerIdentity _identity = null!;
    private BucketCatalog _buckets = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _identity = await ServerIdentity.OpenAsync(
            InProcessServer.Options, new IdentityFiles("/nowhere/master.key", "/nowhere/root-credentials.json"), _metadata, TimeProvider.System, SystemRandomSource.Instance, Token);
        _buckets = new BucketCatalog(_metadata, TimeProvider.System, SystemRandomSource.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _identity.Dispose();
        await _metadata.DisposeAsync();
    }

    [Fact]
    public async Task They_are_the_root_users_and_as_CreateBucket_makes_them()
    {
        await StartAsync("one", "two");
        Bucket one = await _buckets.GetAsync(Name("one"), Token);
        Assert.Equal((_identity.Root.CanonicalId, "us-east-1"), (one.OwnerId, one.Record.Region));
        await using InProcessServer server = await InProcessServer.StartAsync(new InProcessSetup { Metadata = _metadata });
        OwnershipControls? ownership = await server.Get<BucketCatalog>().GetSettingAsync(one, AccessSettings.Ownership, Token);
        Assert.Equal(ObjectOwnership.BucketOwnerEnforced, ownership?.Ownership);
        Assert.NotNull(await _buckets.FindAsync(Name("two"), Token));
    }

    [Fact]
    public async Task A_bucket_that_is_there_is_left_as_it_is()
    {
        await StartAsync("one");
        ulong id = (await _buckets.GetAsync(Name("one"), Token)).Id;
        await StartAsync("one", "one", "two");
        Assert.Equal(id, (await _buckets.GetAsync(Name("one"), Token)).Id);
        Assert.NotNull(await _buckets.FindAsync(Name("two"), Token));
    }

    [Fact]
    public async Task A_full_store_keeps_no_start_from_buckets_that_are_there()
    {
        await StartAsync("one");
        var full = new HookedKeyValueStore(_metadata) { BeforeCommit = static _ => throw new IOException("no space left") };
        _buckets = new BucketCatalog(full, TimeProvider.System, SystemRandomSource.Instance);
        await StartAsync("one");
        StartupException refusal = await Assert.ThrowsAsync<StartupException>(() => StartAsync("one", "two"));
        Assert.Equal("--create-bucket: the bucket 'two' cannot be created: no space left", refusal.Message);
    }

    [Fact]
    public async Task A_bucket_of_another_organization_ends_the_start()
    {
        (Organization acme, _) = await _identity.Store.Organizations.CreateAsync(new OrganizationRequest { Name = "acme" }, Token);
        await _buckets.CreateAsync(Name("taken"), acme.CanonicalId, "acme", "us-east-1", Token);
        StartupException refusal = await Assert.ThrowsAsync<StartupException>(() => StartAsync("taken"));
        Assert.Equal("--create-bucket: the bucket 'taken' belongs to the organization 'acme': choose another name", refusal.Message);
    }

    private static BucketName Name(string name) => BucketName.FromStorage(name);

    private Task StartAsync(params string[] names) => StartupBuckets.CreateAsync(
        InProcessServer.Options with { CreateBuckets = [.. names.Select(Name)] }, _identity, _buckets, Token);
}

using System.Text.Json;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;

namespace Tarn.Tests.Control;

/// <summary>What users could make a server do for a single request, or at the cost of others, is bounded.</summary>
public sealed class ManyBucketsTests : IAsyncLifetime
{
    private ControlServer _server = null!;
    private Signer _acme = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>As in S3: once the budget of a request is spent, no Allow with a wildcard applies.</summary>
    [Fact]
    public async Task A_list_of_buckets_has_one_budget_of_steps()
    {
        const int Count = 300;
        string owner = (await _server.DataAsync(_acme, "GET", "/api/organizations/acme")).GetProperty("canonicalId").GetString()!;
        var catalog = (BucketCatalog)_server.Services.GetService(typeof(BucketCatalog))!;
        for (int i = 0; i < Count; i++)
        {
            await catalog.CreateAsync(Objects.StoreFixture.Name($"{new string('a', 59)}{i:D4}"), owner, "Acme", "us-east-1", Token);
        }

        string slow = string.Join(',', Enumerable.Range(0, 80).Select(static i => $"\"arn:aws:s3:::*a{new string('?', 25)}z{i}\""));
        NewAccessKey few = await KeyAsync("\"arn:aws:s3:::*\""), many = await KeyAsync(slow + ",\"arn:aws:s3:::*\"");
        Assert.Equal(Count, await ListedAsync(few));
        Assert.InRange(await ListedAsync(many), 1, Count - 1);
    }

    /// <summary>A disk's users are limited by disk, and their keys are the root user's.</summary>
    [Fact]
    public async Task Keys_of_disks_do_not_count_as_the_root_users()
    {
        for (int i = 0; i < AccessKeys.MaxOfUser; i++)
        {
            await _server.Identity.Keys.CreateAsync("acme", null, new AccessKeyRequest { DiskScope = "dsk-0000000000000001" }, Token);
        }

        for (int i = 2; i < AccessKeys.MaxOfUser; i++)
        {
            await _server.Identity.Keys.CreateAsync("acme", null, new AccessKeyRequest(), Token);
        }

        // One came with the organization.
        await _server.DataAsync(_acme, "POST", "/api/keys", """{"policy":"read-only"}""");
        Assert.Contains("at most 1000", await _server.RefusalAsync(409, _acme, "POST", "/api/keys", """{"policy":"read-only"}"""), StringComparison.Ordinal);
    }

    private async Task<NewAccessKey> KeyAsync(string resources) => await _server.Identity.Keys.CreateAsync(
        "acme", null, new AccessKeyRequest { Policy = $$"""{"Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":[{{resources}}] } }""" }, Token);

    private async Task<int> ListedAsync(NewAccessKey key)
    {
        JsonElement page = await _server.DataAsync(new Signer(key.Key.Id, key.SecretKey), "GET", "/api/buckets");
        return page.GetProperty("buckets").GetArrayLength();
    }
}

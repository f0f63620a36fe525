using System.Text;
using System.Text.Json;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Control;

/// <summary>What those see who may not see every bucket, while a row of one is damaged: whether they may see that one cannot be decided, so they do not.</summary>
public sealed class DamagedBucketTests : IAsyncLifetime
{
    private static readonly (BucketConfiguration Kind, string Query, string Body)[] Settings =
    [
        (BucketConfiguration.OwnershipControls, "ownershipControls", "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>"),
        (BucketConfiguration.PublicAccessBlock, "publicAccessBlock", "<PublicAccessBlockConfiguration><BlockPublicAcls>false</BlockPublicAcls></PublicAccessBlockConfiguration>"),
        (BucketConfiguration.Policy, "policy", """{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::acme:user/alice"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::two"}]}"""),
        (BucketConfiguration.Acl, "acl", ""),
    ];

    private ControlServer _server = null!;
    private Signer _acme = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IKeyValueStore Store => (IKeyValueStore)_server.Services.GetService(typeof(IKeyValueStore))!;

    private BucketCatalog Catalog => (BucketCatalog)_server.Services.GetService(typeof(BucketCatalog))!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _acme = await _server.OrganizationAsync("acme");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(BucketConfiguration.OwnershipControls)]
    [InlineData(BucketConfiguration.PublicAccessBlock)]
    [InlineData(BucketConfiguration.Policy)]
    [InlineData(BucketConfiguration.Acl)]
    [InlineData(null)]
    public async Task A_bucket_with_a_damaged_row_is_hidden_from_users_and_keeps_no_other_from_being_listed(BucketConfiguration? broken)
    {
        await _server.DataAsync(_acme, "PUT", "/api/organizations/acme/policies/all", """
            {"version":"v1alpha1","name":"all","statements":[{"name":"s","effect":"Allow","actions":["s3:*"],"resources":["*"],"principals":["alice"]}]}
            """);
        Signer alice = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
        Signer limited = Signer.Of(await _server.DataAsync(_acme, "POST", "/api/keys", """{"policy":"read-only"}"""));
        using var s3 = new RawS3Client(new TarnEndpoint(new Uri(_server.S3Url), _acme.Id!, _acme.Secret));
        foreach (string name in (string[])["one", "two", "three"])
        {
            (await s3.SendAsync(HttpMethod.Put, name)).Expect();
        }

        foreach ((_, string query, string body) in Settings)
        {
            (await s3.SendAsync(
                HttpMethod.Put, "two", null, new Dictionary<string, string> { [query] = "" },
                query == "acl" ? new Dictionary<string, string> { ["x-amz-acl"] = "authenticated-read" } : null, Encoding.UTF8.GetBytes(body))).Expect();
        }

        Assert.Equal(["one", "three", "two"], await ListAsync(alice));
        Assert.Equal(["one", "three", "two"], await ListAsync(limited));
        BucketName two = Objects.StoreFixture.Name("two");
        Bucket bucket = await Catalog.GetAsync(two, Token);
        await Store.CommitAsync(new KeyValueBatch().Put(broken is { } kind ? Tables.BucketConfigurationKey(bucket.Id, kind) : Tables.BucketKey("two"), [255]), Token);
        bucket.Access = null;
        bucket.Decoded.Clear();
        foreach (Signer signer in (Signer[])[alice, limited])
        {
            Assert.Equal(["one", "three"], await ListAsync(signer));
            Assert.Equal(
                await _server.RefusalAsync(404, signer, "GET", "/api/buckets/none"),
                await _server.RefusalAsync(404, signer, "GET", "/api/buckets/two"));
            await _server.RefusalAsync(404, signer, "GET", "/api/buckets/two/samples");
        }

        // Whoever administers sees what is left, and is told of damage.
        Assert.Equal(broken is null ? 404 : 200, (await _server.SendAsync(_acme, "GET", "/api/buckets/two")).Status);
        Assert.Equal(broken is null ? 500 : 200, (await _server.SendAsync(ControlServer.Root, "GET", "/api/buckets/two")).Status);
    }

    private async Task<List<string>> ListAsync(Signer signer)
    {
        var names = new List<string>();
        string? cursor = null;
        do
        {
            JsonElement page = await _server.DataAsync(signer, "GET", $"/api/buckets?limit=1{(cursor is null ? "" : "&cursor=" + cursor)}");
            names.AddRange(page.GetProperty("buckets").EnumerateArray().Select(static bucket => bucket.GetProperty("name").GetString()!));
            cursor = page.TryGetProperty("nextCursor", out JsonElement next) ? next.GetString() : null;
        }
        while (cursor is not null);
        return names;
    }
}

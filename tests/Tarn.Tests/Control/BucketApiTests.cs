using System.Text.Json;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Core.Storage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Control;

/// <summary>The endpoints of buckets: what they hold, and who sees it.</summary>
public sealed class BucketApiTests : IAsyncLifetime
{
    private ControlServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IKeyValueStore Store => (IKeyValueStore)_server.Services.GetService(typeof(IKeyValueStore))!;

    private ObjectStore Objects => (ObjectStore)_server.Services.GetService(typeof(ObjectStore))!;

    public async ValueTask InitializeAsync() => _server = await ControlServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_bucket_is_shown_with_what_it_holds_and_whether_that_is_exact()
    {
        await PutAsync("one", "owner", "a", 300);
        await PutAsync("one", "owner", "b", 20_000);
        JsonElement shown = await _server.DataAsync(ControlServer.Root, "GET", "/api/buckets/one");
        Assert.Equal(("one", "owner", "never", 2, 20_300), (
            shown.GetProperty("name").GetString(), shown.GetProperty("ownerId").GetString(), shown.GetProperty("versioning").GetString(),
            shown.GetProperty("objects").GetInt32(), shown.GetProperty("bytes").GetInt32()));
        Assert.False(shown.GetProperty("isExact").GetBoolean());

        await Objects.Recount.RunOnceAsync(Token);
        Assert.True((await _server.DataAsync(ControlServer.Root, "GET", "/api/buckets/one")).GetProperty("isExact").GetBoolean());
        await _server.RefusalAsync(404, ControlServer.Root, "GET", "/api/buckets/none");
        await _server.RefusalAsync(404, ControlServer.Root, "GET", "/api/buckets/NOT_A_NAME");
    }

    [Fact]
    public async Task Root_users_see_the_buckets_of_their_organization_and_the_servers_sees_all()
    {
        Signer acme = await _server.OrganizationAsync("acme"), other = await _server.OrganizationAsync("other");
        Signer alice = Signer.Of(await _server.DataAsync(acme, "POST", "/api/organizations/acme/users", """{"name":"alice"}"""));
        foreach (string name in (string[])["acme-1", "acme-2", "acme-3"])
        {
            await PutAsync(name, await OwnerAsync("acme"), "k", 5);
        }

        await PutAsync("other-1", await OwnerAsync("other"), "k", 5);
        Assert.Equal(["acme-1", "acme-2", "acme-3"], await NamesAsync(acme, ""));
        Assert.Equal(["other-1"], await NamesAsync(other, ""));
        Assert.Equal(["acme-1", "acme-2", "acme-3", "other-1"], await NamesAsync(ControlServer.Root, ""));
        Assert.Equal(["other-1"], await NamesAsync(ControlServer.Root, "organization=other"));
        await _server.RefusalAsync(403, acme, "GET", "/api/buckets?organization=other");
        await _server.RefusalAsync(404, ControlServer.Root, "GET", "/api/buckets?organization=none");
        await _server.RefusalAsync(404, acme, "GET", "/api/buckets/other-1");
        Assert.Empty(await NamesAsync(alice, ""));
        await _server.RefusalAsync(403, alice, "GET", "/api/buckets?organization=other");
        await _server.RefusalAsync(404, alice, "GET", "/api/buckets/acme-1");
        await _server.RefusalAsync(401, null!, "GET", "/api/buckets");
    }

    [Theory]
    [InlineData("acme-1")]
    [InlineData("acme-2")]
    [InlineData("acme-3")]
    [InlineData("acme-4")]
    [InlineData("acme-5")]
    public async Task A_damaged_row_of_a_bucket_keeps_no_other_from_being_listed_and_is_told(string broken)
    {
        Signer acme = await _server.OrganizationAsync("acme");
        string[] all = ["acme-1", "acme-2", "acme-3", "acme-4", "acme-5"];
        foreach (string name in all)
        {
            await PutAsync(name, await OwnerAsync("acme"), "k", 5);
        }

        await Store.CommitAsync(new KeyValueBatch().Put(Tables.BucketKey(broken), [255]), Token);
        foreach (Signer signer in (Signer[])[acme, ControlServer.Root])
        {
            List<JsonElement> damaged = [];
            Assert.Equal(all.Where(name => name != broken), await NamesAsync(signer, "", damaged));
            JsonElement told = Assert.Single(damaged);
            Assert.Equal(broken, told.GetProperty("name").GetString());
            Assert.StartsWith($"The row Bucket {broken} does not decode: ", told.GetProperty("error").GetString(), StringComparison.Ordinal);
        }
    }

    /// <summary>The names of all pages of two.</summary>
    private async Task<List<string>> NamesAsync(Signer signer, string query, List<JsonElement>? damaged = null)
    {
        var names = new List<string>();
        string? cursor = null;
        do
        {
            JsonElement page = await _server.DataAsync(signer, "GET", $"/api/buckets?limit=2&{query}{(cursor is null ? "" : "&cursor=" + cursor)}");
            names.AddRange(page.GetProperty("buckets").EnumerateArray().Select(static bucket => bucket.GetProperty("name").GetString()!));
            damaged?.AddRange(page.GetProperty("damaged").EnumerateArray());
            Assert.InRange(page.GetProperty("buckets").GetArrayLength() + page.GetProperty("damaged").GetArrayLength(), 0, 2);
            cursor = page.TryGetProperty("nextCursor", out JsonElement next) ? next.GetString() : null;
        }
        while (cursor is not null);
        return names;
    }

    private async Task<string> OwnerAsync(string organization) =>
        (await _server.DataAsync(ControlServer.Root, "GET", $"/api/organizations/{organization}")).GetProperty("canonicalId").GetString()!;

    private async Task PutAsync(string bucket, string owner, string key, int length)
    {
        Bucket found = await Objects.Buckets.FindAsync(StoreFixture.Name(bucket), Token)
            ?? (await Objects.Buckets.CreateAsync(StoreFixture.Name(bucket), owner, "Owner", "us-east-1", Token))!;
        await Objects.Writer.PutAsync(
            found, StoreFixture.Key(key), owner, ObjectMetadata.Empty, new TestBody(StoreFixture.Bytes(length)), new IngestRequest(), WriteCondition.None, Token);
    }
}

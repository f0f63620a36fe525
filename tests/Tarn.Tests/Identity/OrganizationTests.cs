using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Tests.Identity;

public sealed class OrganizationTests
{
    private readonly IdentityFixture _fixture = new();

    private static CancellationToken Token => IdentityFixture.Token;

    private Organizations Organizations => _fixture.Store.Organizations;

    [Fact]
    public async Task An_organization_is_found_by_all_of_its_names()
    {
        (Organization made, NewAccessKey key) = await Organizations.CreateAsync(
            new OrganizationRequest
            {
                Name = "acme", CanonicalId = new('A', 64), DisplayName = "Acme Inc.", Email = "S3@Acme.example",
                Key = new AccessKeyRequest { Id = "abc", SecretKey = "12345678" },
            },
            Token);
        Assert.Equal(("abc", "12345678"), (key.Key.Id, key.SecretKey));
        Assert.Equal((new string('a', 64), "arn:aws:iam::acme:root"), (made.CanonicalId, made.Arn));
        Assert.Equal(made, await Organizations.FindAsync("acme", Token));
        Assert.Equal(made, await Organizations.FindByCanonicalIdAsync(new('a', 64), Token));
        Assert.Equal(made, await Organizations.FindByEmailAsync("s3@acme.EXAMPLE", Token));
        Assert.Null(await Organizations.FindByEmailAsync("other@acme.example", Token));
    }

    [Theory]
    [InlineData("acme", null, null, null, "the organization 'acme' is taken")]
    [InlineData("b", "f", null, null, "the canonical id 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' is taken")]
    [InlineData("b", null, "A@B.c", null, "the e-mail address 'A@B.c' is taken")]
    [InlineData("b", null, null, "taken-key", "the access key 'taken-key' is taken")]
    [InlineData("b", null, null, "ROOTKEY", "the access key 'ROOTKEY' is taken")]
    public async Task What_is_taken_is_refused_and_leaves_nothing(string name, string? canonicalDigit, string? email, string? key, string message)
    {
        await Organizations.CreateAsync(Request("acme", "f", "a@b.c", "taken-key"), Token);
        IReadOnlyList<KeyValueEntry> before = await _fixture.AllRowsAsync();
        Assert.Equal(message, await IdentityFixture.RefusalAsync(
            IdentityRefusalKind.Conflict, async () => await Organizations.CreateAsync(Request(name, canonicalDigit, email, key), Token)));
        Assert.Equal(before, await _fixture.AllRowsAsync(), (a, b) => a.Key.AsSpan().SequenceEqual(b.Key) && a.Value.AsSpan().SequenceEqual(b.Value));
    }

    [Theory]
    [InlineData("acme", "1", "a@b.c", "key-1", "acme", "2", "d@e.f", "key-2")]
    [InlineData("one", "1", "a@b.c", "key-1", "two", "1", "d@e.f", "key-2")]
    [InlineData("one", "1", "a@b.c", "key-1", "two", "2", "A@b.c", "key-2")]
    [InlineData("one", "1", "a@b.c", "key-1", "two", "2", "d@e.f", "key-1")]
    public async Task Of_two_creators_that_race_for_something_one_wins(
        string name1, string id1, string email1, string key1, string name2, string id2, string email2, string key2)
    {
        // The second one decides and commits while the first one is about to.
        _fixture.Hooks.BeforeCommit = async _ => await Organizations.CreateAsync(Request(name2, id2, email2, key2), Token);
        await IdentityFixture.RefusalAsync(
            IdentityRefusalKind.Conflict, async () => await Organizations.CreateAsync(Request(name1, id1, email1, key1), Token));
        Assert.Equal([name2], (await Organizations.ListAsync(null, 10, Token)).Items.Select(o => o.Name));
    }

    [Fact]
    public async Task Many_creators_of_one_name_make_one_organization()
    {
        int made = 0;
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            try
            {
                await Organizations.CreateAsync(Request("acme", null, null, $"key-{i}"), Token);
                Interlocked.Increment(ref made);
            }
            catch (IdentityRefusalException e)
            {
                Assert.Equal(IdentityRefusalKind.Conflict, e.Kind);
            }
        })));
        Assert.Equal(1, made);
        Assert.Single((await _fixture.Store.Keys.ListAsync("acme", null, null, 100, Token)).Items);
    }

    [Fact]
    public async Task Deletion_leaves_no_row_not_even_of_a_user_made_meanwhile()
    {
        await Organizations.CreateAsync(Request("acme", "1", "a@b.c", "key-1"), Token);
        await _fixture.UserAsync("acme", "alice");
        await _fixture.Store.Tokens.CreateAsync("acme", "alice", "t", null, Token);
        await _fixture.Store.Policies.PutAsync("acme", "p", "{}", Token);
        _fixture.Hooks.BeforeCommit = async _ => await _fixture.Store.Users.CreateAsync(
            "acme", new UserRequest { Name = "late", Email = "late@b.c" }, Token);
        await Organizations.DeleteAsync("acme", Token);
        Assert.Empty(await _fixture.AllRowsAsync());
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.NotFound, async () => await Organizations.DeleteAsync("acme", Token));
    }

    [Fact]
    public async Task A_user_cannot_be_made_in_an_organization_that_is_deleted_meanwhile()
    {
        await _fixture.OrganizationAsync("acme");
        _fixture.Hooks.BeforeCommit = async _ => await Organizations.DeleteAsync("acme", Token);
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.NotFound, async () => await _fixture.UserAsync("acme", "alice"));
        Assert.Empty(await _fixture.AllRowsAsync());
    }

    [Fact]
    public async Task An_owner_of_buckets_and_the_servers_own_organization_stay()
    {
        Organization acme = await _fixture.OrganizationAsync("acme");
        byte[] owned = Tables.BucketByOwnerKey(acme.CanonicalId, "bucket");
        await _fixture.Rows.CommitAsync(new KeyValueBatch().Put(owned, []), Token);
        Assert.Contains("owns buckets", await IdentityFixture.RefusalAsync(
            IdentityRefusalKind.Conflict, () => Organizations.DeleteAsync("acme", Token)), StringComparison.Ordinal);
        await _fixture.Rows.CommitAsync(new KeyValueBatch().Delete(owned), Token);
        await Organizations.DeleteAsync("acme", Token);
        await Organizations.EnsureRootAsync(null, Token);
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, () => Organizations.DeleteAsync("root", Token));
    }

    [Fact]
    public async Task The_servers_own_organization_is_made_once()
    {
        Organization made = await Organizations.EnsureRootAsync(new('9', 64), Token);
        Assert.Equal(new('9', 64), made.CanonicalId);
        Assert.Equal(made, await Organizations.EnsureRootAsync(new('8', 64), Token));
    }

    [Fact]
    public async Task Lists_go_on_where_a_page_ended()
    {
        foreach (string name in new[] { "b", "a", "ab", "c" })
        {
            await _fixture.OrganizationAsync(name);
        }

        IdentityPage<Organization> first = await Organizations.ListAsync(null, 3, Token);
        Assert.Equal(["a", "ab", "b"], first.Items.Select(o => o.Name));
        Assert.Equal("b", first.Next);
        IdentityPage<Organization> second = await Organizations.ListAsync(first.Next, 3, Token);
        Assert.Equal(["c"], second.Items.Select(o => o.Name));
        Assert.Null(second.Next);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    [InlineData("..")]
    [InlineData("ü")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public async Task Names_that_could_be_taken_for_something_else_are_refused(string name) =>
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Invalid, async () => await _fixture.OrganizationAsync(name));

    [Theory]
    [InlineData("xyz", null, null, null, null)]
    [InlineData(null, "no-at", null, null, null)]
    [InlineData(null, "a@b@c", null, null, null)]
    [InlineData(null, null, "line\nbreak", null, null)]
    [InlineData(null, null, null, "abc", null)]
    [InlineData(null, null, null, null, "12345678")]
    [InlineData(null, null, null, "ab", "12345678")]
    [InlineData(null, null, null, "a/c", "12345678")]
    [InlineData(null, null, null, "abc", "1234567")]
    [InlineData(null, null, null, "abc", "1234567\n")]
    public async Task What_breaks_a_rule_is_refused(string? canonicalId, string? email, string? display, string? key, string? secret)
    {
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Invalid, async () => await Organizations.CreateAsync(
            new OrganizationRequest
            {
                Name = "acme", CanonicalId = canonicalId, Email = email, DisplayName = display,
                Key = new AccessKeyRequest { Id = key, SecretKey = secret },
            },
            Token));
        Assert.Empty(await _fixture.AllRowsAsync());
    }

    private static OrganizationRequest Request(string name, string? canonicalDigit, string? email, string? key) => new()
    {
        Name = name,
        CanonicalId = canonicalDigit is null ? null : new string(canonicalDigit[0], 64),
        Email = email,
        Key = key is null ? new AccessKeyRequest() : new AccessKeyRequest { Id = key, SecretKey = "secret-" + key },
    };
}

using System.Text;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Tests.Identity;

/// <summary>Access keys and temporary ones beside each other: neither gets the id of the other, and what is cached of each goes when it must and no earlier.</summary>
public sealed class KeyAndSessionTests
{
    private readonly IdentityFixture _fixture = new();

    private static CancellationToken Token => IdentityFixture.Token;

    private IdentityStore Store => _fixture.Store;

    /// <summary>Otherwise whoever learned the id of another organization's temporary key could end the session, and have its id.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_key_is_created_with_the_id_of_a_temporary_one_that_is_there(bool meanwhile)
    {
        NewTemporaryKey made = await IssueAsync(await UsersKeyAsync());
        await _fixture.OrganizationAsync("other");
        byte[] row = Tables.TemporaryKeyKey(made.Key.Id);
        byte[] bytes = (await _fixture.Rows.GetAsync(row, Token))!;
        var given = new AccessKeyRequest { Id = made.Key.Id, SecretKey = "given-secret" };
        foreach (Func<ValueTask> create in (Func<ValueTask>[])
        [
            async () => await Store.Keys.CreateAsync("other", null, given, Token),
            async () => await Store.Users.CreateAsync("other", new UserRequest { Name = "bob", Key = given }, Token),
            async () => await Store.Organizations.CreateAsync(new OrganizationRequest { Name = "third", Key = given }, Token),
        ])
        {
            if (meanwhile)
            {
                // It is there again by the time of the commit, when the id has been looked up.
                await _fixture.Rows.CommitAsync(new KeyValueBatch().Delete(row), Token);
                _fixture.Hooks.BeforeCommit = async _ =>
                {
                    await _fixture.Rows.CommitAsync(new KeyValueBatch().Put(row, bytes), Token);
                };
            }

            Assert.Equal($"the access key '{made.Key.Id}' is taken", await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, create));
            Assert.Equal(made.SecretKey, (await _fixture.Credentials.FindAsync(made.Key.Id, Token))!.SecretKey);
        }

        Assert.Null(await Store.Organizations.FindAsync("third", Token));
        await Store.TemporaryKeys.RevokeAsync(made.Key, Token);
        await Store.Keys.CreateAsync("other", null, given, Token);
    }

    [Fact]
    public async Task None_is_issued_with_the_id_of_a_key_that_was_created_meanwhile()
    {
        string key = await UsersKeyAsync();
        string id = "";
        _fixture.Hooks.BeforeCommit = async batch =>
        {
            id = Encoding.UTF8.GetString(batch.Changes.Single(static put => put.Key[0] == Tables.TemporaryKey).Key.AsSpan(1)).TrimEnd('\0');
            await Store.Keys.CreateAsync("acme", null, new AccessKeyRequest { Id = id, SecretKey = "given-secret" }, Token);
        };
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await IssueAsync(key));
        Assert.Equal("given-secret", (await _fixture.Credentials.FindAsync(id, Token))!.SecretKey);
    }

    /// <summary>Users rotate and revoke keys of their own: that must not empty what is cached of everybody.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_key_that_changes_is_forgotten_with_its_sessions_alone(bool revoked)
    {
        string changed = await UsersKeyAsync();
        string kept = (await Store.Keys.CreateAsync("acme", "alice", new AccessKeyRequest(), Token)).Key.Id;
        NewTemporaryKey ended = await IssueAsync(changed), other = await IssueAsync(kept);
        foreach (NewTemporaryKey session in (NewTemporaryKey[])[ended, other])
        {
            Assert.NotNull(await _fixture.Credentials.FindAsync(session.Key.Id, Token));
        }

        Assert.Equal(4, _fixture.Credentials.Count);
        Credential before = (await _fixture.Credentials.FindAsync(kept, Token))!;
        if (revoked)
        {
            await Store.Keys.RevokeAsync(changed, Token);
        }
        else
        {
            await Store.Keys.RotateAsync(changed, null, Token);
        }

        Assert.Equal(2, _fixture.Credentials.Count);
        Assert.Same(before, await _fixture.Credentials.FindAsync(kept, Token));
        Assert.Null(await _fixture.Credentials.FindAsync(ended.Key.Id, Token));
        Assert.Equal(revoked, await _fixture.Credentials.FindAsync(changed, Token) is null);
    }

    /// <summary>What was read before a key changed must not be cached after it has.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task What_is_read_while_a_key_changes_is_not_kept(bool revoked, bool ofSession)
    {
        string key = await UsersKeyAsync();
        NewTemporaryKey session = await IssueAsync(key);
        await Store.Policies.PutAsync("acme", "p", "{}", Token);
        Assert.Equal(0, _fixture.Credentials.Count);
        byte[] last = Tables.OrganizationKey("acme");
        _fixture.Hooks.FailRead = read =>
        {
            if (read.AsSpan().SequenceEqual(last))
            {
                // The key's row has been read, and the change is answered before the rest is.
                _fixture.Hooks.FailRead = null;
                Change().GetAwaiter().GetResult();
            }

            return null;
        };
        Assert.NotNull(await _fixture.Credentials.FindAsync(ofSession ? session.Key.Id : key, Token));
        Assert.Null(_fixture.Hooks.FailRead);
        Credential? now = await _fixture.Credentials.FindAsync(ofSession ? session.Key.Id : key, Token);
        Assert.Equal(ofSession || revoked ? null : "another-secret", now?.SecretKey);

        async Task Change()
        {
            if (revoked)
            {
                await Store.Keys.RevokeAsync(key, Token);
            }
            else
            {
                await Store.Keys.RotateAsync(key, "another-secret", Token);
            }
        }
    }

    private async Task<string> UsersKeyAsync()
    {
        await _fixture.OrganizationAsync("acme");
        return (await _fixture.UserAsync("acme", "alice")).Key.Key.Id;
    }

    private async Task<NewTemporaryKey> IssueAsync(string parent)
    {
        Credential found = (await _fixture.Credentials.FindAsync(parent, Token))!;
        return await Store.TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest
            {
                Organization = found.Principal.OrganizationId,
                User = found.Principal.UserName,
                Source = TemporaryKeySource.AccessKey,
                Parent = parent,
                ParentKey = found,
                Life = TimeSpan.FromMinutes(15),
                WithToken = true,
            },
            Token);
    }
}

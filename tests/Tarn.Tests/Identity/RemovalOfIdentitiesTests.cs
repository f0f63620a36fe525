using Tarn.Core.Blobs;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using static Tarn.Tests.Identity.IdentityFixture;

namespace Tarn.Tests.Identity;

/// <summary>On a full disk, which accepts only removals, rights can still be revoked but not granted.</summary>
public sealed class RemovalOfIdentitiesTests
{
    private readonly IdentityFixture _fixture = new();

    [Fact]
    public async Task Rights_are_taken_away_on_a_full_disk()
    {
        await _fixture.OrganizationAsync("acme");
        await _fixture.OrganizationAsync("gone");
        (User _, NewAccessKey key) = await _fixture.UserAsync("acme", "anna");
        await _fixture.UserAsync("acme", "otto");
        await _fixture.Store.Users.SetGroupAsync("acme", "otto", "staff", member: true, Token);
        NewApiToken token = await _fixture.Store.Tokens.CreateAsync("acme", "anna", "t", null, Token);

        _fixture.Hooks.BeforeCommit = OnlyRemovals;
        await Assert.ThrowsAsync<StorageFullException>(() => _fixture.UserAsync("acme", "more"));
        await Assert.ThrowsAsync<StorageFullException>(
            () => _fixture.Store.Users.SetGroupAsync("acme", "otto", "admins", member: true, Token).AsTask());
        await _fixture.Store.Users.SetGroupAsync("acme", "otto", "staff", member: false, Token);
        await _fixture.Store.Keys.RevokeAsync(key.Key.Id, Token);
        await _fixture.Store.Tokens.DeleteAsync(token.Token, Token);
        await _fixture.Store.Users.DeleteAsync("acme", "otto", Token);
        await _fixture.Store.Organizations.DeleteAsync("gone", Token);
        Assert.Null(await _fixture.Store.Keys.FindAsync(key.Key.Id, Token));
    }

    private Task OnlyRemovals(KeyValueBatch batch)
    {
        _fixture.Hooks.BeforeCommit = OnlyRemovals;
        return batch.IsRemoval ? Task.CompletedTask : throw new StorageFullException();
    }
}

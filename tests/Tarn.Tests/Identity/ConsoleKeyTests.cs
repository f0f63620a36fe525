using System.Security.Cryptography;
using Tarn.Core.Identity;
using Tarn.Core.Records;

namespace Tarn.Tests.Identity;

/// <summary>Temporary credentials that are sessions of the console: of which page they are, how many there can be, and of which key.</summary>
public sealed class ConsoleKeyTests : TemporaryKeyTestsBase
{
    private static readonly byte[] Proof = SHA256.HashData("proof"u8);

    [Fact]
    public async Task A_session_is_of_the_page_whose_proof_it_was_begun_with()
    {
        NewTemporaryKey made = await SessionAsync(Store.TemporaryKeys);
        TemporaryKey stored = (await Store.TemporaryKeys.FindAsync(made.Key.Id, Token))!;
        Assert.True(stored.IsConsole && stored.WasBegunWith(Proof));
        foreach (byte[] other in (byte[][])[[], Proof[1..], SHA256.HashData("other"u8), new byte[32]])
        {
            Assert.False(stored.WasBegunWith(other));
        }

        NewTemporaryKey program = await IssueAsync("ROOTKEY");
        Assert.False(program.Key.WasBegunWith([]));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.TemporaryKeys.IssueAsync(await OfRootAsync(TimeSpan.FromHours(1)) with { ProofHash = new byte[31] }, Token));
    }

    /// <summary>One without the other is of no session: a row that says so was damaged.</summary>
    [Fact]
    public void A_row_has_both_digests_or_none()
    {
        var key = new TemporaryKey
        {
            Id = "i", Organization = "o", Source = TemporaryKeySource.AccessKey, Parent = "p", Holder = "h", Created = DateTimeOffset.UnixEpoch, Expires = DateTimeOffset.UnixEpoch, CookieHash = Proof, ProofHash = Proof,
        };
        Assert.True(TemporaryKey.Decode(key.Encode()).IsConsole);
        Assert.Throws<RecordFormatException>(() => TemporaryKey.Decode((key with { ProofHash = [] }).Encode()));
        Assert.Throws<RecordFormatException>(() => TemporaryKey.Decode((key with { ProofHash = [1] }).Encode()));
    }

    /// <summary>A session is not begun by what ended meanwhile, and neither are credentials that it asks for.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_issued_by_a_session_that_ends_meanwhile(bool late)
    {
        await Fixture.OrganizationAsync("acme");
        NewApiToken token = await Store.Tokens.CreateAsync("acme", null, "n", null, Token);
        TemporaryKeyRequest request = new() { Organization = "acme", Source = TemporaryKeySource.ApiToken, Parent = token.Token.Id, Life = TimeSpan.FromHours(1), WithToken = false, ProofHash = Proof };
        NewTemporaryKey session = await Store.TemporaryKeys.IssueAsync(request, Token);
        TemporaryKeyRequest wanted = request with { ProofHash = default, WithToken = true, By = RequestCredential.OfToken(token.Token.Id).By(session.Key.Id) };
        await Store.TemporaryKeys.IssueAsync(wanted, Token);
        if (late)
        {
            Fixture.Hooks.BeforeCommit = async _ => await Store.TemporaryKeys.RevokeAsync(session.Key, Token);
        }
        else
        {
            await Store.TemporaryKeys.RevokeAsync(session.Key, Token);
        }

        Assert.Contains("session has ended", await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await Store.TemporaryKeys.IssueAsync(wanted, Token)), StringComparison.Ordinal);
        Assert.Single(await Store.TemporaryKeys.AllAsync("acme", null, Token));
    }

    [Fact]
    public async Task A_session_is_of_its_key_with_its_secret()
    {
        await Fixture.OrganizationAsync("acme");
        (_, NewAccessKey key) = await Fixture.UserAsync("acme", "alice");
        Credential parent = (await Fixture.Credentials.FindAsync(key.Key.Id, Token))!;
        NewTemporaryKey made = await Store.TemporaryKeys.IssueAsync(
            new TemporaryKeyRequest { Organization = "acme", User = "alice", Source = TemporaryKeySource.AccessKey, Parent = key.Key.Id, ParentKey = parent, Life = TimeSpan.FromHours(1), WithToken = false, ProofHash = Proof }, Token);
        Credential own = (await FindAsync(made))!;
        Assert.True(TemporaryKeys.IsOf(made.Key, own, parent));
        await Store.Keys.RotateAsync(key.Key.Id, null, Token);
        Assert.False(TemporaryKeys.IsOf(made.Key, own, (await Fixture.Credentials.FindAsync(key.Key.Id, Token))!));
        Assert.Null(await FindAsync(made));
    }

    /// <summary>One in fifty more than programs have, and one that is renewed takes no room of its own.</summary>
    [Fact]
    public async Task Programs_leave_room_for_sessions()
    {
        var keys = new TemporaryKeys(Store.Context, new TemporaryKeyLimits(OfHolder: 100));
        TemporaryKeyRequest program = await OfRootAsync(TimeSpan.FromHours(1));
        for (int i = 0; i < 100; i++)
        {
            await keys.IssueAsync(program, Token);
        }

        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await keys.IssueAsync(program, Token));
        NewTemporaryKey first = await SessionAsync(keys);
        await SessionAsync(keys);
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await SessionAsync(keys));
        await SessionAsync(keys, renews: true);
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await SessionAsync(keys, renews: true));
        await keys.RevokeAsync(first.Key, Token);
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Conflict, async () => await SessionAsync(keys));
        await SessionAsync(keys, renews: true);
    }

    private async Task<NewTemporaryKey> SessionAsync(TemporaryKeys keys, bool renews = false) =>
        await keys.IssueAsync(await OfRootAsync(TimeSpan.FromHours(1)) with { WithToken = false, ProofHash = Proof, Renews = renews }, Token);
}

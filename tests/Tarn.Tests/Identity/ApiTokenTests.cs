using System.Text;
using Tarn.Core.Identity;

namespace Tarn.Tests.Identity;

public sealed class ApiTokenTests
{
    private readonly IdentityFixture _fixture = new();

    private static CancellationToken Token => IdentityFixture.Token;

    private ApiTokens Tokens => _fixture.Store.Tokens;

    [Fact]
    public async Task A_token_speaks_for_its_user_until_it_is_deleted()
    {
        await _fixture.OrganizationAsync("acme");
        await _fixture.UserAsync("acme", "alice");
        NewApiToken root = await Tokens.CreateAsync("acme", null, "root's", null, Token);
        NewApiToken alice = await Tokens.CreateAsync("acme", "alice", "alice's", "for the job", Token);
        Assert.Matches("^key-[A-Za-z0-9]{64}$", root.Text);
        Assert.Equal(root.Text[^4..], root.Token.Suffix);
        Assert.Equal("arn:aws:iam::acme:root", (await Tokens.AuthenticateAsync(root.Text, Token))!.Arn);
        Assert.Equal("arn:aws:iam::acme:user/alice", (await Tokens.AuthenticateAsync(alice.Text, Token))!.Arn);
        Assert.Equal(alice.Token, await Tokens.FindAsync(alice.Token.Id, Token));
        await Tokens.DeleteAsync(root.Token, Token);
        Assert.Null(await Tokens.AuthenticateAsync(root.Text, Token));
        await _fixture.Store.Users.DeleteAsync("acme", "alice", Token);
        Assert.Null(await Tokens.AuthenticateAsync(alice.Text, Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("key-")]
    [InlineData("key-nope")]
    public async Task Nobody_elses_text_is_a_token(string text) => Assert.Null(await Tokens.AuthenticateAsync(text, Token));

    [Fact]
    public async Task The_store_has_no_text_of_a_token()
    {
        await _fixture.OrganizationAsync("acme");
        NewApiToken made = await Tokens.CreateAsync("acme", null, "t", null, Token);
        byte[] secret = Encoding.ASCII.GetBytes(made.Text["key-".Length..^4]);
        Assert.DoesNotContain(await _fixture.AllRowsAsync(), row => row.Value.AsSpan().IndexOf(secret) >= 0 || row.Key.AsSpan().IndexOf(secret) >= 0);
    }

    [Fact]
    public async Task Lists_go_on_where_a_page_ended()
    {
        await _fixture.OrganizationAsync("acme");
        await _fixture.UserAsync("acme", "alice");
        await _fixture.OrganizationAsync("acmes");
        await Tokens.CreateAsync("acmes", null, "not here", null, Token);
        var made = new List<string>();
        for (int i = 0; i < 5; i++)
        {
            made.Add((await Tokens.CreateAsync("acme", i % 2 == 0 ? null : "alice", $"t{i}", null, Token)).Token.Id);
        }

        var listed = new List<string>();
        string? cursor = null;
        do
        {
            IdentityPage<ApiToken> page = await Tokens.ListAsync("acme", null, cursor, 2, Token);
            listed.AddRange(page.Items.Select(token => token.Id));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(made.Order(), listed.Order());
        await IdentityFixture.RefusalAsync(IdentityRefusalKind.Invalid, async () => await Tokens.ListAsync("acme", null, "nonsense", 2, Token));
    }
}

using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Control.Console;

/// <summary>Signing in while the server's store fails.</summary>
public sealed class SignInFailureTests : IAsyncLifetime
{
    private readonly HookedKeyValueStore _rows = new(new MemoryKeyValueStore());
    private InProcessServer _server = null!;
    private Signer _acme = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await InProcessServer.StartAsync(new InProcessSetup { Metadata = _rows }, Token);
        using var client = new ControlApiClient(_server.ControlUrl);
        _acme = await client.OrganizationAsync("acme");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Whoever tries again and again during an outage has failed at nothing.</summary>
    [Fact]
    public async Task What_fails_because_of_the_server_does_not_count_as_a_failed_attempt()
    {
        using var page = new ConsolePage(_server.ControlUrl);
        byte[] row = Tables.AccessKeyKey(_acme.Id!);
        _rows.FailRead = key => key.AsSpan().SequenceEqual(row) ? new IOException("lost") : null;
        for (int i = 0; i < 15; i++)
        {
            Assert.InRange((await page.SendAsync("POST", "/api/session", ConsolePage.Body(_acme))).Status, 500, 503);
        }

        _rows.FailRead = null;
        await page.DataAsync("POST", "/api/session", ConsolePage.Body(_acme));
    }

    /// <summary>The row is written, and then it cannot be read: nobody has its cookie.</summary>
    [Fact]
    public async Task A_session_that_cannot_be_begun_leaves_none_behind_and_the_former_goes_on()
    {
        using ConsolePage page = await ConsolePage.SignedInAsync(_server.ControlUrl, _acme);
        string former = page.Cookie!;
        bool hasFailed = false;
        _rows.AfterCommit = _ =>
        {
            _rows.FailRead = key =>
            {
                bool fails = !hasFailed && key[0] == Tables.TemporaryKey;
                hasFailed |= fails;
                return fails ? new IOException("lost") : null;
            };
            return Task.CompletedTask;
        };
        Assert.InRange((await page.SendAsync("POST", "/api/session", ConsolePage.Body(_acme))).Status, 500, 503);
        Assert.True(hasFailed);
        Assert.Empty(page.Set);
        Assert.Equal((former, 200), (page.Cookie, (await page.SendAsync("GET", "/api/session")).Status));
        Assert.Equal(former.Split('=')[1].Split('.')[0], Assert.Single(await _server.Get<IdentityStore>().TemporaryKeys.AllAsync("acme", null, Token)).Id);
    }
}

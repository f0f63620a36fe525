using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;
using Tarn.EndToEnd.Harness;
using Tarn.TestKit.Programs;

namespace Tarn.EndToEnd;

/// <summary>The console as the server sends it, in a real browser, which is what enforces its content security policy and CORS.</summary>
public sealed class ConsoleServingTests(Stage stage) : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _violations = new();
    private IPage _page = null!;

    private Uri Control => stage.Endpoint.Control!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(stage.Endpoint.Control is null, "The server under test has no known control address.");
        ConsoleBuild.Need();
        _page = await stage.NewPageAsync();
        _page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
            {
                _violations.Enqueue(message.Text);
            }
        };
        _page.PageError += (_, error) => _violations.Enqueue(error);
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
        {
            await _page.Context.CloseAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task It_starts_under_its_policy_and_asks_nobody_else()
    {
        var hosts = new ConcurrentDictionary<string, bool>();
        _page.Request += (_, request) => hosts[new Uri(request.Url).Authority] = true;
        await _page.GotoAsync(new Uri(Control, "buckets").ToString());
        await Assertions.Expect(_page.Locator("input[name=username]")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        Assert.Empty(_violations);
        Assert.Equal([Control.Authority], hosts.Keys);
    }

    [Fact]
    public async Task Its_pages_read_what_s3_answers_and_no_other_page_does()
    {
        string bucket = await stage.NewBucketAsync();
        string url = $"{stage.Endpoint.Address.TrimEnd('/')}/{bucket}/key";
        await _page.GotoAsync(Control.ToString());
        JsonElement refused = await FetchAsync(url, "PUT");
        Assert.Equal(403, refused.GetProperty("status").GetInt32());
        Assert.NotEmpty(refused.GetProperty("requestId").GetString()!);
        Assert.Contains("<Code>AccessDenied</Code>", refused.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Empty(_violations);

        await using PageServer site = await PageServer.StartAsync();
        await _page.GotoAsync(site.Origin);
        Assert.StartsWith("TypeError", (await FetchAsync(url, "GET")).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://example.com/")]
    [InlineData("http://127.0.0.1:1/")]
    public async Task Its_policy_lets_nothing_out(string url)
    {
        await _page.GotoAsync(Control.ToString());
        Assert.StartsWith("TypeError", (await FetchAsync(url, "GET")).GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains(_violations, static text => text.Contains("connect-src", StringComparison.Ordinal));
    }

    private Task<JsonElement> FetchAsync(string url, string method) => _page.EvaluateAsync<JsonElement>(
        """
        async ([url, method]) => {
          try {
            const answer = await fetch(url, { method, headers: { 'x-amz-meta-a': 'b' }, body: method === 'PUT' ? 'text' : undefined });
            return { status: answer.status, requestId: answer.headers.get('x-amz-request-id'), text: await answer.text() };
          } catch (error) {
            return { error: String(error) };
          }
        }
        """,
        new[] { url, method });
}

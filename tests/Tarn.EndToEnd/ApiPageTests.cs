using System.Collections.Concurrent;
using Microsoft.Playwright;
using Tarn.EndToEnd.Harness;

namespace Tarn.EndToEnd;

/// <summary>The page of the control API in a real browser, which is what runs its scripts and enforces its content security policy.</summary>
public sealed class ApiPageTests(Stage stage)
{
    /// <summary>Milliseconds until the page is drawn at the latest: a busy machine needs many times what an idle one does.</summary>
    private static readonly LocatorAssertionsToBeVisibleOptions Patience = new() { Timeout = 60_000 };

    [Fact]
    public async Task The_page_shows_the_api_without_asking_another_host()
    {
        Assert.SkipWhen(stage.Endpoint.Control is null, "The server under test has no known control address.");
        IPage page = await stage.NewPageAsync();
        var requests = new ConcurrentQueue<Uri>();
        var errors = new ConcurrentQueue<string>();
        page.Request += (_, request) => requests.Enqueue(new Uri(request.Url));
        page.PageError += (_, error) => errors.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                errors.Enqueue(message.Text);
            }
        };
        await page.GotoAsync(new Uri(stage.Endpoint.Control!, "docs/").ToString());
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Tarn control API" })).ToBeVisibleAsync(Patience);
        await Assertions.Expect(page.GetByText("Organizations", new() { Exact = true }).First).ToBeVisibleAsync(Patience);
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        Assert.Contains(requests, request => request.AbsolutePath == "/openapi/v1.json");
        Assert.DoesNotContain(requests, request => request.Scheme is not ("data" or "blob") && request.Authority != stage.Endpoint.Control!.Authority);
        Assert.Empty(errors);
        await page.Context.CloseAsync();
    }
}

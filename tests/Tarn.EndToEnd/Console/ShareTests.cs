using System.Net;
using System.Text.Json;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;

namespace Tarn.EndToEnd.Console;

/// <summary>Links by which people without credentials read one object, until they expire or are revoked.</summary>
public sealed class ShareTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(2);

    /// <param name="choice">What is chosen.</param>
    /// <param name="minutes">How long the link lives.</param>
    [Theory]
    [InlineData("1 h", 60)]
    [InlineData("8 h", 8 * 60)]
    [InlineData("24 h", 24 * 60)]
    [InlineData("7 d", 7 * 24 * 60)]
    [InlineData("Other", 90)]
    public async Task A_link_is_open_to_all_until_it_is_revoked(string choice, int minutes)
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "for all é.txt", "shared with everybody");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await page.Files.ActAsync("for all é.txt", "Share…");
        await page.Dialog.GetByText(choice, new() { Exact = true }).ClickAsync();
        if (choice == "Other")
        {
            await page.Field("For").FillAsync("90");
            await page.ChooseAsync("Unit", "minutes");
        }

        string link = await page.MakeLinkAsync();
        JsonElement kept = Assert.Single((await Stage.Api.GetAsync($"/api/shares?bucket={bucket}")).GetProperty("links").EnumerateArray());
        TimeSpan left = kept.GetProperty("expiresAt").GetDateTimeOffset() - DateTimeOffset.UtcNow;
        Assert.InRange(left, TimeSpan.FromMinutes(minutes) - Tolerance, TimeSpan.FromMinutes(minutes) + Tolerance);

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Equal("shared with everybody", await http.GetStringAsync(new Uri(link), Cancel));
        ConsolePage stranger = await VisitAsync();
        IAPIResponse seen = await stranger.Visit.Context.APIRequest.GetAsync(link);
        Assert.Equal("shared with everybody", await seen.TextAsync());
        Assert.Empty(await stranger.Visit.Context.CookiesAsync());

        await page.Page.GetByRole(AriaRole.Link, new() { Name = $"links of {bucket}" }).ClickAsync();
        await page.Row("for all é.txt").GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await page.AnswerAsync("Revoke");
        await page.ExpectAsync("Nothing is shared");
        using HttpResponseMessage dead = await http.GetAsync(new Uri(link), Cancel);
        Assert.Contains(dead.StatusCode, new[] { HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.Gone });
    }

    [Fact]
    public async Task On_the_address_of_the_console_a_link_is_a_download_in_a_sandbox()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "page.html", "<h1>hello</h1><script>fetch('/api/session')</script>", "text/html");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}/object?key=page.html", "page.html");
        await page.Button("Share").ClickAsync();
        string link = await page.MakeLinkAsync();

        // With the session, which the link must not lend to what it opens.
        IAPIResponse answer = await page.Visit.Context.APIRequest.GetAsync(Stage.Console + "/api/shared/" + link[(link.LastIndexOf('/') + 1)..]);
        Assert.Equal(200, answer.Status);
        Assert.StartsWith("attachment", answer.Headers["content-disposition"], StringComparison.Ordinal);
        Assert.Contains("sandbox", answer.Headers["content-security-policy"], StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers["x-content-type-options"]);
    }

    [Fact]
    public async Task A_link_for_minutes_is_copied()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "one.txt", "one");
        ConsolePage page = await SignedInAsync(options: new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await page.OpenAsync($"/buckets/{bucket}/object?key=one.txt", "one.txt");
        await page.Button("Copy link").ClickAsync();
        await page.ExpectAsync("The link works for 15 minutes.");
        await page.OpenAsync($"/buckets/{bucket}", bucket);
        await page.Files.Search.FocusAsync();
        await page.Page.Keyboard.PressAsync("Control+V");
        string link = await page.Files.Search.InputValueAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Equal("one", await http.GetStringAsync(new Uri(link), Cancel));
    }
}

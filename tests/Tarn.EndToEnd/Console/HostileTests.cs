using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>What users store stays text on every page, and what of it is opened elsewhere cannot act as who opened it.</summary>
public sealed class HostileTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    private const string Text = "<script>alert(5)</script><svg onload=alert(6)><a href=\"javascript:alert(7)\">x</a>\n[m](javascript:alert(8)) ![r](https://example.invalid/r.png)\n=cmd()|a,b\n";
    private const string Markup = "<script>alert(9)</script>";

    private static readonly string[] Names =
    [
        "<img src=x onerror=alert(1)>.txt", "\"><script>alert(2)</script>", "javascript:alert(3)", "a/../../b", "./c", "//d", "\u202egnp.exe", "%2e%2e%2f", "e+f &=?#.txt", "'; alert(4); '",
        "{{7*7}}${7*7}", "u\u0308\u200b.md", "k\u0001.txt", "g.svg", "h.html", "i.md", "j.csv", "l.json", "constructor", "__proto__",
    ];

    [Fact]
    public async Task Names_contents_metadata_and_tags_are_text_on_every_page()
    {
        string bucket = await NewBucketAsync("hostile");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        for (int index = 0; index < Names.Length; index++)
        {
            // By the console's own way, since SDKs do not send all of these names.
            JsonElement signed = await Stage.PresignAsync(new
            {
                method = "PUT", bucket, key = Names[index],
                headers = new Dictionary<string, string>
                {
                    ["content-type"] = index % 2 == 0 ? "application/octet-stream" : "text/html", ["x-amz-meta-x"] = Markup, ["x-amz-meta-__proto__"] = Markup, ["x-amz-tagging"] = "k=javascript:alert",
                },
            });
            using var request = new HttpRequestMessage(HttpMethod.Put, signed.GetProperty("url").GetString()) { Content = new StringContent(Text) };
            foreach (JsonProperty header in signed.GetProperty("headers").EnumerateObject())
            {
                if (header.Name.Equals("content-type", StringComparison.OrdinalIgnoreCase))
                {
                    request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(header.Value.GetString()!);
                }
                else
                {
                    request.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
                }
            }

            using HttpResponseMessage answer = await http.SendAsync(request, Cancel);
            Assert.True(answer.IsSuccessStatusCode, $"{Names[index]}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
        }

        await S3.InitiateMultipartUploadAsync(bucket, Names[0], Cancel);
        await Stage.Api.PostAsync("/api/shares", new { bucket, key = Names[1], expiresIn = 3600 });
        string job = (await Stage.Api.PostAsync("/api/jobs", new { kind = "copy", bucket, prefix = Names[0], toPrefix = Names[1] + "/" })).GetProperty("id").GetString()!;
        ConsolePage page = await SignedInAsync();
        string[] places =
        [
            $"/buckets/{bucket}", $"/buckets/{bucket}?flat=1", $"/buckets/{bucket}?prefix={Uri.EscapeDataString("<img")}", $"/buckets/{bucket}?find={Uri.EscapeDataString(Names[1])}", $"/buckets/{bucket}/settings/uploads",
            $"/buckets/{bucket}/settings/links", "/activity", $"/activity/requests?bucket={bucket}", "/jobs", $"/jobs/{job}",
        ];
        foreach (string place in places)
        {
            await page.GoToAsync(place);
            await TextAloneAsync(page);
        }

        foreach (string name in Names)
        {
            await page.GoToAsync($"/buckets/{bucket}/object?key={Uri.EscapeDataString(name)}");
            await Expect(page.Section("Properties")).ToBeVisibleAsync();
            await TextAloneAsync(page);
        }

        // All of them can be deleted, the one that XML cannot name too.
        await page.OpenAsync($"/buckets/{bucket}?flat=1", bucket);
        await page.Page.GetByRole(AriaRole.Checkbox, new() { Name = "Select everything that is loaded" }).ClickAsync();
        await page.Files.WithSelectedAsync("Delete");
        await page.AnswerAsync("Delete");
        await page.ExpectAsync("This bucket is empty");
    }

    /// <param name="type">The type of an object with a script.</param>
    /// <param name="head">What is before the script.</param>
    /// <param name="tail">What is after it.</param>
    [Theory]
    [InlineData("text/html", "<!doctype html><title>x</title><script>", "</script>")]
    [InlineData("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'><script><![CDATA[", "]]></script></svg>")]
    public async Task A_script_in_an_object_that_is_opened_does_nothing_in_the_name_of_who_opened_it(string type, string head, string tail)
    {
        string bucket = await NewBucketAsync("hostile");
        string name = NewName("stolen");
        string script = $$"""
            (async () => {
              const said = [];
              const ask = async (path, options) => {
                try { const answer = await fetch('{{Stage.Console}}' + path, { credentials: 'include', ...options }); said.push(answer.type === 'opaque' ? 'sent' : 'read'); }
                catch { said.push('refused'); }
              };
              const body = JSON.stringify({ name: '{{name}}' });
              await ask('/api/session', {});
              await ask('/api/tokens', { method: 'POST', body });
              await ask('/api/tokens', { method: 'POST', body, headers: { 'X-Tarn-Console': '{{PageSession.NewProof()}}', 'Content-Type': 'application/json' } });
              await ask('/api/tokens', { method: 'POST', body, mode: 'no-cors' });
              location.hash = 'done-' + said.join('-');
            })();
            """;
        await PutAsync(bucket, "opened", head + script + tail, type);
        JsonElement signed = await Stage.PresignAsync(new { method = "GET", bucket, key = "opened" });

        // A context that is not watched: the browser itself writes down what it refuses.
        IBrowserContext context = await UnwatchedAsync();
        await context.AddCookiesAsync([(await Stage.SessionAsync(Who.Root)).Cookie]);
        IPage page = await context.NewPageAsync();
        await page.GotoAsync(signed.GetProperty("url").GetString()!);
        await Expect(page).ToHaveURLAsync(new Regex("#done-refused-refused-refused-refused$"));
        Assert.DoesNotContain((await Stage.Api.GetAsync("/api/tokens?limit=1000")).GetProperty("tokens").EnumerateArray(), token => token.GetProperty("name").GetString() == name);
    }

    private static async Task TextAloneAsync(ConsolePage page)
    {
        await page.SettledAsync();
        foreach (string markup in new[] { "script", "svg[onload]", "a[href^='javascript' i]", "img[src*='example.invalid']", "[onerror]" })
        {
            await Expect(page.Main.Locator(markup)).ToHaveCountAsync(0);
        }
    }
}

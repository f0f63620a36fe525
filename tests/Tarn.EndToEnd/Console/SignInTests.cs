using System.Net;
using System.Text.Json;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using Tarn.TestKit.Servers;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>Who gets in, what they are told who do not, and how a session ends.</summary>
public sealed class SignInTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    /// <summary>All that the page's origin has in this browser.</summary>
    private const string Kept =
        """
        async () => {
          const ask = request => new Promise((done, failed) => { request.onsuccess = () => done(request.result); request.onerror = () => failed(request.error); });
          const databases = [];
          for (const { name } of await indexedDB.databases()) {
            const database = await ask(indexedDB.open(name));
            for (const store of database.objectStoreNames) databases.push(...await ask(database.transaction(store).objectStore(store).getAll()));
            database.close();
          }
          return JSON.stringify({
            databases, local: { ...localStorage }, tab: { ...sessionStorage }, caches: await caches.keys(), cookies: document.cookie, name: window.name, state: history.state, page: document.documentElement.outerHTML,
          });
        }
        """;

    [Fact]
    public async Task A_key_signs_in_and_leads_to_where_one_wanted_to_go()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "a/one.txt", "one");
        ConsolePage page = await VisitAsync();
        await page.GoToAsync($"/buckets/{bucket}?prefix=a/");
        await Expect(page.Heading("Sign in to Tarn")).ToBeVisibleAsync();
        await page.SignInAsync(Stage.KeyOf(Who.Root));
        await page.Files.ExpectAsync("one.txt");
        Assert.EndsWith($"/buckets/{bucket}?prefix=a/", Uri.UnescapeDataString(page.Page.Url), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_signs_in()
    {
        ConsolePage page = await VisitAsync();
        await page.GoToAsync("/");
        await page.SignInWithTokenAsync(Stage.Token);
        await Expect(page.Heading("Buckets")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Whoever_may_not_sign_in_is_told_the_same_whatever_the_cause()
    {
        Credentials root = Stage.KeyOf(Who.Root);
        ConsolePage page = await VisitAsync();
        await page.GoToAsync("/sign-in");
        var said = new List<string>();
        await RefusedAsync(() => page.SignInAsync(root.AccessKey, root.SecretKey + "x"));
        await RefusedAsync(() => page.SignInAsync("TARNNOSUCHKEY0000001", root.SecretKey));
        await RefusedAsync(() => page.SignInAsync(Stage.DiskKey));
        await RefusedAsync(() => page.SignInWithTokenAsync("key-" + new string('0', 40)));
        await RefusedAsync(() => page.SignInWithTokenAsync(Stage.Token + "x"));
        Assert.Single(said.Distinct());
        Assert.Empty(await page.Visit.Context.CookiesAsync());

        async Task RefusedAsync(Func<Task> signIn)
        {
            IResponse answer = await page.Page.RunAndWaitForResponseAsync(signIn, found => found.Url.EndsWith("/api/session", StringComparison.Ordinal) && found.Request.Method == "POST");
            Assert.Equal(401, answer.Status);
            await Expect(page.Alert.GetByText("Signing in did not work")).ToBeVisibleAsync();
            said.Add(await page.Alert.GetByRole(AriaRole.Paragraph).First.InnerTextAsync());
        }
    }

    [Fact]
    public async Task Too_many_attempts_are_refused_for_a_while()
    {
        // A server of its own: the limit is of an address, which all journeys share.
        await using TarnServer server = await TarnServer.StartAsync();
        string origin = server.Control.GetLeftPart(UriPartial.Authority);
        var wrong = new Credentials(server.Endpoint.AccessKey, "wrong");
        HttpStatusCode status = HttpStatusCode.Unauthorized;
        for (int tries = 0; tries < 1000 && status == HttpStatusCode.Unauthorized; tries++)
        {
            using HttpResponseMessage answer = await Stage.TrySignInAsync(origin, wrong, PageSession.NewProof());
            status = answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        ConsolePage page = await VisitAsync(origin: origin);
        await page.GoToAsync("/sign-in");
        await page.SignInAsync(wrong);
        await Expect(page.Alert).ToContainTextAsync("oo many");
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        ConsolePage page = await VisitAsync();
        await page.GoToAsync("/buckets");
        await page.SignInAsync(Stage.KeyOf(Who.Root));
        await Expect(page.Heading("Buckets")).ToBeVisibleAsync();
        BrowserContextCookiesResult cookie = Assert.Single(await page.Visit.Context.CookiesAsync());
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Strict, cookie.SameSite);
        Assert.Equal(HttpStatusCode.OK, await Stage.AskAsync($"{cookie.Name}={cookie.Value}"));

        await page.SignOutAsync();
        await Expect(page.Heading("Sign in to Tarn")).ToBeVisibleAsync();
        Assert.Empty(await page.Visit.Context.CookiesAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, await Stage.AskAsync($"{cookie.Name}={cookie.Value}"));
        await page.Page.GoBackAsync();
        await Expect(page.Heading("Sign in to Tarn")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_session_ends_with_its_key_at_the_next_click()
    {
        Credentials key = Credentials.In(await Stage.Api.PostAsync("/api/keys", new { }));
        string bucket = await NewBucketAsync();
        ConsolePage page = await VisitAsync();
        await page.GoToAsync("/buckets");
        await page.SignInAsync(key);
        await Expect(page.Link(bucket)).ToBeVisibleAsync();
        await Stage.Api.DeleteAsync($"/api/keys/{key.AccessKey}");
        await page.Link(bucket).ClickAsync();
        await page.ExpectAsync("Your session has ended.");
        await page.SignInAsync(Stage.KeyOf(Who.Root));
        await Expect(page.Heading(bucket)).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_cookie_of_another_pages_session_leads_to_the_sign_in_page()
    {
        string bucket = await NewBucketAsync();
        ConsolePage page = await VisitAsync();
        await page.GoToAsync("/buckets");
        await page.SignInAsync(Stage.KeyOf(Who.Root));
        await Expect(page.Link(bucket)).ToBeVisibleAsync();

        // A page of another port of the host has signed in: the browser has one cookie, of a session that this page did not begin.
        PageSession other = await Stage.BeginSessionAsync(Stage.Console, Stage.KeyOf(Who.Root));
        await page.Visit.Context.ClearCookiesAsync();
        await page.Visit.Context.AddCookiesAsync([other.Cookie]);
        await page.Link(bucket).ClickAsync();
        await page.ExpectAsync("Your session has ended.");
        await page.SignInAsync(Stage.KeyOf(Who.Root));
        await page.ExpectAsync("This bucket is empty");

        // So it does when the page says that it leaves, and has asked for nothing before.
        await page.OpenAccountAsync();
        await page.Visit.Context.ClearCookiesAsync();
        await page.Visit.Context.AddCookiesAsync([other.Cookie]);
        await page.MenuItem("Sign out").ClickAsync();
        await Expect(page.Heading("Sign in to Tarn")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_next_person_at_the_browser_finds_nothing_of_the_last_one()
    {
        const string Content = "what only the first may read";
        string bucket = await NewBucketAsync("first");
        await PutAsync(bucket, "diary.txt", Content);
        string file = NewDirectory().PathOf("film.bin");
        WriteFile(file, 24 << 20);
        ConsolePage page = await VisitAsync();
        await page.GoToAsync("/buckets");
        await page.SignInAsync(Stage.KeyOf(Who.Root));
        await page.Link(bucket).ClickAsync();
        await page.Files.OpenAsync("diary.txt");
        await page.ExpectAsync(Content);
        await page.Page.GoBackAsync();
        await page.Uploads.HoldPartsAsync();
        int sent = 0;
        page.Page.Request += (_, request) => Interlocked.Add(ref sent, request.Url.Contains("partNumber=", StringComparison.Ordinal) ? 1 : 0);
        await page.Page.RunAndWaitForResponseAsync(() => page.Files.UploadAsync(file), answer => answer.Url.Contains("partNumber=", StringComparison.Ordinal) && answer.Ok);
        await page.SignOutAsync();
        await Expect(page.Heading("Sign in to Tarn")).ToBeVisibleAsync();

        // What is kept is how to go on with the upload, for whoever began it.
        string kept = await page.Page.EvaluateAsync<string>(Kept);
        JsonElement upload = Assert.Single(JsonDocument.Parse(kept).RootElement.GetProperty("databases").EnumerateArray());
        Assert.Equal(("film.bin", "arn:aws:iam::root:root"), (upload.GetProperty("key").GetString(), upload.GetProperty("principal").GetString()));
        string rest = kept.Replace(upload.GetRawText(), "", StringComparison.Ordinal);
        Assert.All(new[] { bucket, "diary", "film", Content, Stage.KeyOf(Who.Root).AccessKey, "arn:" }, secret => Assert.DoesNotContain(secret, rest, StringComparison.Ordinal));
        Assert.Empty(await page.Visit.Context.CookiesAsync());
        for (int back = 0; back < 2; back++)
        {
            await page.Page.GoBackAsync();
            await Expect(page.Heading("Sign in to Tarn")).ToBeVisibleAsync();
        }

        int before = sent;
        page.Uploads.ReleaseParts();
        await page.GoToAsync("/sign-in");
        await page.SignInAsync(Stage.KeyOf(Who.OrganizationRoot));
        await Expect(page.Heading("Buckets")).ToBeVisibleAsync();
        await page.SettledAsync();
        await Expect(page.Link(bucket)).ToHaveCountAsync(0);
        await Expect(page.Uploads.Panel).ToHaveCountAsync(0);
        foreach (string place in new[] { $"/buckets/{bucket}", $"/buckets/{bucket}/object?key=diary.txt" })
        {
            await page.GoToAsync(place);
            await Expect(page.Alert.First).ToBeVisibleAsync();
            await Expect(page.Text(Content)).ToHaveCountAsync(0);
            await Expect(page.Link("diary.txt")).ToHaveCountAsync(0);
        }

        await page.SignOutAsync();
        await Expect(page.Heading("Sign in to Tarn")).ToBeVisibleAsync();
        Assert.Equal(before, sent);

        // Whose upload it is is offered it.
        await page.SignInAsync(Stage.KeyOf(Who.Root));
        await Expect(page.Uploads.Item("film.bin")).ToBeVisibleAsync();
    }
}

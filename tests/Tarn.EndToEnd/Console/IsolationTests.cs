using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using Tarn.TestKit.Programs;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>
/// What somebody stored, opened by whoever is signed in to the console in the same browser. Pages of the S3 port are of the console's site, so the session's cookie goes along with what they send; nothing is changed by it.
/// </summary>
public sealed partial class IsolationTests(Stage stage, ConsoleStage console, VictimServer server) : Journey(stage, console), IClassFixture<VictimServer>
{
    private const string Html = "text/html";
    private const string Svg = "image/svg+xml";

    /// <summary>The key of what the victim opens.</summary>
    private const string Opened = "opened";

    /// <summary>Makes elements of HTML in SVG too.</summary>
    private const string Elements = "const page = document.body ?? document.documentElement; const make = name => document.createElementNS('http://www.w3.org/1999/xhtml', name);";

    /// <summary>The body of a form of the type <c>text/plain</c> is JSON with this name and the value <c>"}</c>.</summary>
    private const string Stolen = """{"name":"stolen","bucket":"the-bucket","key":"kept.txt","kind":"empty","method":"DELETE","expiresIn":900,"token":"key-0","pad":""";

    private Victim _victim = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();

        // What pages may do to each other is decided by the engine, which both browsers have; the viewer of documents is a page of the whole one.
        NeedsWholeBrowser = TestContext.Current.TestMethod?.MethodName == nameof(A_document_does_nothing_in_a_preview_and_by_a_shared_link);
        _victim = await Victim.BeginAsync(Stage, await server.BeginAsync(), UnwatchedAsync);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _victim?.Dispose();
    }

    [Theory]
    [InlineData(Html)]
    [InlineData(Svg)]
    public async Task Forms_that_are_posted_to_every_endpoint_change_nothing(string type)
    {
        string[] paths = Endpoints("post");
        await StoreAsync(type, $$"""
            {{Elements}}
            for (const path of {{JsonSerializer.Serialize(paths)}})
              for (const enctype of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
                const frame = make('iframe');
                const form = make('form');
                const input = make('input');
                frame.name = 'answer';
                Object.assign(form, { action: '{{_victim.Console}}' + path, method: 'post', enctype, target: 'answer' });
                Object.assign(input, { name: {{JsonSerializer.Serialize(Stolen)}}, value: '"}' });
                form.append(input);
                page.append(frame, form);
                await new Promise(done => { frame.onload = done; form.submit(); });
                frame.remove();
                form.remove();
              }
            """);
        string before = await _victim.StateAsync();
        await _victim.OpenAsync(Opened);
        await _victim.UnharmedAsync(before);

        // They arrived, with the cookie, and were refused for where they come from, unless they are of no session at all.
        (string Call, int Status)[] answers = [.. _victim.Answers];
        Assert.Equal(paths.Length * 3, answers.Length);
        Assert.DoesNotContain(answers, static answer => answer.Status != 403 && !answer.Call.Contains("/temporary-credentials/oidc", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Html)]
    [InlineData(Svg)]
    public async Task What_a_page_may_ask_for_without_being_allowed_to_changes_nothing(string type)
    {
        await StoreAsync(type, $$"""
            {{Elements}}
            const body = {{JsonSerializer.Serialize(Stolen)}} + '"}';
            const ask = (path, options) => fetch('{{_victim.Console}}' + path, { credentials: 'include', ...options }).then(() => { throw new Error(path + ' was answered'); }, () => null);
            for (const path of {{JsonSerializer.Serialize(Endpoints("post"))}}) {
              await ask(path, { method: 'POST', mode: 'no-cors', body });
              await ask(path, { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ name: 'stolen' }), keepalive: true });
              navigator.sendBeacon('{{_victim.Console}}' + path, body);
            }
            // As they are right, so that only where they come from is against them.
            for (const [path, body] of [['/api/tokens', '{"name":"stolen"}'], ['/api/keys', '{}'], ['/api/shares', '{"bucket":"{{Victim.Bucket}}","key":"kept.txt","expiresIn":900}']])
              await ask(path, { method: 'POST', mode: 'no-cors', body });
            for (const path of {{JsonSerializer.Serialize(Endpoints("put"))}}) await ask(path, { method: 'PUT', body });
            for (const path of {{JsonSerializer.Serialize(Endpoints("delete"))}}) await ask(path, { method: 'DELETE' });
            for (const path of {{JsonSerializer.Serialize(Endpoints("get"))}})
              for (const name of ['img', 'script']) {
                const element = make(name);
                const loaded = new Promise(done => { element.onload = element.onerror = done; });
                element.src = '{{_victim.Console}}' + path;
                page.append(element);
                await loaded;
                element.remove();
              }
            """);
        string before = await _victim.StateAsync();
        await _victim.OpenAsync(Opened);
        await _victim.UnharmedAsync(before);
        Assert.DoesNotContain(_victim.Answers, static answer => answer.Status < 400 && !answer.Call.StartsWith("GET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_console_is_in_no_frame_of_another_page()
    {
        string[] places = ["/", "/buckets", "/sign-in", "/api/session", "/docs/", "/openapi/v1.json", "/nowhere"];
        await StoreAsync(Html, $$"""
            {{Elements}}
            for (const path of {{JsonSerializer.Serialize(places)}})
              for (const [name, attribute] of [['iframe', 'src'], ['embed', 'src'], ['object', 'data']]) {
                const element = make(name);
                const loaded = new Promise(done => { element.onload = element.onerror = done; });
                element[attribute] = '{{_victim.Console}}' + path;
                page.append(element);
                await loaded;
              }
            """);
        IPage opened = await _victim.OpenAsync(Opened);
        IFrame[] frames = [.. opened.Frames.Where(frame => frame != opened.MainFrame)];
        Assert.True(frames.Length >= places.Length, $"{frames.Length} frames");
        Assert.All(frames, static frame => Assert.StartsWith("chrome-error:", frame.Url, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_that_opens_the_console_has_no_hold_of_it()
    {
        await StoreAsync(Html, "");
        string before = await _victim.StateAsync();
        IPage opener = await _victim.OpenAsync(Opened);
        IPage opened = await _victim.Browser.RunAndWaitForPageAsync(() => opener.EvaluateAsync($"() => {{ window.other = window.open('{_victim.Console}/buckets', 'console'); }}"));
        await Expect(opened.GetByRole(AriaRole.Heading, new() { Name = "Buckets", Exact = true })).ToBeVisibleAsync();
        Assert.True(await opened.EvaluateAsync<bool>("() => window.opener === null && window.name === ''"));
        Assert.True(await opener.EvaluateAsync<bool>("() => { window.other.location = location.href; window.other.postMessage('tarn', '*'); return window.other.closed; }"));
        await Expect(opened).ToHaveURLAsync(_victim.Console + "/buckets");
        await _victim.UnharmedAsync(before);
    }

    /// <summary>Attributes of a cookie that a page of the S3 port sets.</summary>
    public static readonly TheoryData<string> Cookies = ["path=/", "path=/api/session", "path=/; secure; samesite=none; partitioned"];

    public static readonly TheoryData<string> MoreCookies =
    [
        "path=/api", "path=/api/", "path=/api/buckets", "path=/api/presign", "path=/buckets", "path=/api; domain=127.0.0.1", "path=/api; samesite=strict; max-age=99999",
    ];

    [Theory]
    [MemberData(nameof(Cookies))]
    public Task A_planted_cookie_makes_nobody_work_as_who_planted_it_and_keeps_nobody_out(string attributes) => PlantAsync(attributes);

    [Theory]
    [MemberData(nameof(MoreCookies))]
    [Trait("length", "long")]
    public Task A_cookie_planted_in_other_ways_makes_nobody_work_as_who_planted_it_and_keeps_nobody_out(string attributes) => PlantAsync(attributes);

    private async Task PlantAsync(string attributes)
    {
        Credentials somebody = Credentials.In(await _victim.Api.PostAsync("/api/organizations/root/users", new { name = NewName("somebody") }));
        PageSession theirs = await Stage.BeginSessionAsync(_victim.Console, somebody);
        await StoreAsync(Html, $$"""
            for (const name of ['tarn', '__Host-tarn', 'Tarn']) document.cookie = name + '={{theirs.Cookie.Value}}; {{attributes}}';
            """);
        string before = await _victim.StateAsync();
        await _victim.OpenAsync(Opened);
        _victim.ToleratesRefusals = true;
        await _victim.UnharmedAsync(before);
    }

    [Fact]
    public async Task A_service_worker_is_registered_neither_for_the_console_nor_for_what_others_stored()
    {
        await _victim.PutAsync("worker.js", "text/javascript", "onfetch = event => event.respondWith(new Response('taken'));"u8.ToArray());
        await StoreAsync(Html, $$"""
            const said = [];
            const worker = {{JsonSerializer.Serialize(_victim.UrlOf("worker.js"))}};
            for (const [url, scope] of [[worker, undefined], [worker, '/'], [worker, '{{_victim.Console}}/'], ['{{_victim.Console}}/api/session', undefined]])
              await navigator.serviceWorker.register(url, { scope }).then(() => said.push('registered'), error => said.push(error.name));
            document.title = said.join(' ');
            """);
        string before = await _victim.StateAsync();
        IPage opened = await _victim.OpenAsync(Opened);
        Assert.DoesNotContain("registered", await opened.TitleAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await opened.EvaluateAsync<int>("async () => (await navigator.serviceWorker.getRegistrations()).length"));
        Assert.True(await _victim.Tab.EvaluateAsync<bool>("() => navigator.serviceWorker.controller === null"));
        await _victim.UnharmedAsync(before);
    }

    /// <summary>A document whose program sends forms and goes to places as soon as it is opened, where the browser's viewer runs programs, and the same name with a page in it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_document_does_nothing_in_a_preview_and_by_a_shared_link(bool isPdf)
    {
        string page = $"<!doctype html><script>fetch('/ran');parent.postMessage('ran', '*');top.location='{_victim.Console}/api/session'</script>";
        await _victim.PutAsync("paper.pdf", "application/pdf", Encoding.Latin1.GetBytes(isPdf ? Pdf(_victim.Console) : page));
        string link = new Uri((await _victim.Api.PostAsync("/api/shares", new { bucket = Victim.Bucket, key = "paper.pdf", expiresIn = 3600 })).GetProperty("url").GetString()!).AbsolutePath;
        string before = await _victim.StateAsync();
        var asked = new ConcurrentQueue<string>();
        _victim.Browser.Request += (_, request) => asked.Enqueue(request.Url);
        await _victim.Tab.RunAndWaitForResponseAsync(
            () => _victim.Tab.GotoAsync($"{_victim.Console}/buckets/{Victim.Bucket}/object?key=paper.pdf"),
            answer => answer.Url.Contains("/paper.pdf?", StringComparison.Ordinal) && answer.Url.Contains("response-content-type", StringComparison.Ordinal));
        await Expect(_victim.Tab.GetByTitle("The document")).ToBeVisibleAsync();
        await Expect(_victim.Tab).ToHaveURLAsync(new Regex("/object"));

        // By its link, from the S3 port and from the console's.
        IPage shared = await _victim.Browser.NewPageAsync();
        await shared.GotoAsync(_victim.UrlOf("paper.pdf"));
        IDownload saved = await shared.RunAndWaitForDownloadAsync(() => shared.EvaluateAsync($"() => {{ location = '{_victim.Console}{link}'; }}"));
        Assert.Equal("paper.pdf", saved.SuggestedFilename);
        Assert.DoesNotContain(asked, url => url.EndsWith("/ran", StringComparison.Ordinal));
        Assert.DoesNotContain(_victim.Answers, answer => !answer.Call.EndsWith(link, StringComparison.Ordinal));
        await _victim.Tab.GotoAsync(_victim.Console + "/buckets");
        await _victim.UnharmedAsync(before);
    }

    /// <summary>Stores a page that runs a script and says in its address when that is done.</summary>
    private Task StoreAsync(string type, string script)
    {
        string all = $"(async () => {{ {script}\nlocation.hash = 'done'; }})();";
        string document = type == Svg
            ? $"<svg xmlns='http://www.w3.org/2000/svg'><script><![CDATA[{all}]]></script></svg>"
            : $"<!doctype html><title>opened</title><body><script>{all}</script>";
        return _victim.PutAsync(Opened, type, Encoding.UTF8.GetBytes(document));
    }

    /// <summary>The paths of the control API that have a method, with what there is in place of their parameters.</summary>
    private static string[] Endpoints(string method)
    {
        using JsonDocument api = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(ConsoleBuild.Folder, "openapi.json")));
        return
        [
            .. api.RootElement.GetProperty("paths").EnumerateObject().Where(path => path.Value.TryGetProperty(method, out _))
                .Select(path => Parameter().Replace(path.Name, found => found.Value switch { "{organization}" => "root", "{bucket}" => Victim.Bucket, _ => "somebody" })),
        ];
    }

    /// <summary>A document that submits a form, goes to a page and opens another, when it is opened. Source: ISO 32000-1, 12.6.4.</summary>
    private static string Pdf(string console) =>
        $$"""
        %PDF-1.4
        1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R/Names<</JavaScript<</Names[(a) 4 0 R]>>>>>>endobj
        2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/AA<</O 5 0 R>>>>endobj
        4 0 obj<</S/JavaScript/JS(this.submitForm\({cURL:'{{console}}/api/tokens',cSubmitAs:'HTML',bEmpty:true}\);app.launchURL\('{{console}}/api/session',true\);this.getURL\('{{console}}/api/session'\);)/Next 5 0 R>>endobj
        5 0 obj<</S/SubmitForm/F({{console}}/api/tokens)/Flags 4/Next 6 0 R>>endobj
        6 0 obj<</S/URI/URI({{console}}/api/session)>>endobj
        trailer<</Root 1 0 R>>
        %%EOF

        """;

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();
}

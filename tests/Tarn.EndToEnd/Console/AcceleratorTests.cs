using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using Tarn.TestKit.Servers;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>Accelerators in the console: their tokens, what they say of themselves, clearing what they have cached.</summary>
public sealed class AcceleratorTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    private const string ByOrganization = "Sent from caches by organization";

    [Fact]
    public async Task A_token_is_shown_once_lets_an_accelerator_in_and_is_revoked()
    {
        var listener = new Uri(Invariant($"http://127.0.0.1:{FreePort.Next()}/"));
        await using TarnServer server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--accelerators", listener.Authority] });
        var root = new Credentials(server.Endpoint.AccessKey, server.Endpoint.SecretKey);
        using (var s3 = ConsoleStage.ClientOf(server.Endpoint, root))
        {
            await s3.PutBucketAsync("photos", Cancel);
        }

        string owner;
        using (var api = new ControlApi(server.Control, root))
        {
            owner = (await api.GetAsync("/api/organizations/root")).GetProperty("canonicalId").GetString()!;
        }

        string origin = server.Control.GetLeftPart(UriPartial.Authority);
        ConsolePage page = await VisitAsync(new() { StorageState = (await Stage.BeginSessionAsync(origin, root)).Kept() }, origin);
        await page.OpenAsync("/", "Buckets");
        await page.Places.GetByRole(AriaRole.Link, new() { Name = "Accelerators", Exact = true }).ClickAsync();
        await Expect(page.Heading("Accelerators")).ToBeVisibleAsync();
        await Expect(page.Section("Running")).ToContainTextAsync("No accelerators are running");
        await Expect(page.Section("Clears")).ToContainTextAsync("None within a week.");
        await Expect(page.Section(ByOrganization)).ToHaveCountAsync(0);

        // A token of some organizations needs a zone of its own.
        await page.Button("New token").ClickAsync();
        await page.Field("Name").FillAsync("gpu-1");
        await TagAsync(page, "Organizations", "root");
        await Expect(page.Dialog).ToContainTextAsync("needs a zone of its own");
        await Expect(page.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create" })).ToBeDisabledAsync();
        await page.Field("Zone").FillAsync("rack-7");
        await TagAsync(page, "Networks of clients", "no network");
        await page.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(page.Dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("neither an address nor a network");
        await page.Dialog.GetByLabel("Networks of clients").First.PressAsync("Backspace");
        await TagAsync(page, "Networks of clients", "127.0.0.0/8");
        await TagAsync(page, "Domains", "s3.acc.test");
        await page.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(page.Dialog).ToContainTextAsync("This is shown once.");
        string token = await page.Dialog.Locator(".secret-value").InnerTextAsync();
        await page.StoredAsync();
        foreach (string shown in (string[])["rack-7", "127.0.0.0/8", "root", "s3.acc.test", token[^4..]])
        {
            await Expect(page.Section("Tokens").GetByRole(AriaRole.Row).Filter(new() { HasText = "gpu-1" })).ToContainTextAsync(shown);
        }

        await using var node = new Node(listener, token, owner);
        ILocator row = page.Section("Running").GetByRole(AriaRole.Row).Filter(new() { HasText = "gpu-1" });
        await Expect(row).ToContainTextAsync("90.0 %");
        await Expect(row).ToContainTextAsync("512 MiB of 1.0 GiB");
        await Expect(row).ToContainTextAsync("2 device errors");
        await Expect(page.Fact("Sent from caches")).ToHaveTextAsync("900 B");

        // What it sent between two heartbeats.
        ILocator sums = page.Section(ByOrganization).GetByRole(AriaRole.Row);
        await Expect(sums.Filter(new() { HasText = "root" })).ToContainTextAsync("2.0 KiB");
        await Expect(sums.Filter(new() { HasText = "others" })).ToContainTextAsync("7 B");

        await page.Button("Clear caches…").ClickAsync();
        await page.ChooseAsync("Of the bucket", "photos");
        await page.AnswerAsync("Clear");
        await page.ExpectAsync("1 accelerator will do so within seconds.");
        JsonElement clear = await node.ToldAsync(static answer => answer.GetProperty("clears").GetArrayLength() == 1);
        Assert.Equal(JsonValueKind.Number, clear.GetProperty("clears")[0].GetProperty("bucket").ValueKind);
        ILocator asked = page.Section("Clears").GetByRole(AriaRole.Row).Filter(new() { HasText = "photos" });
        await Expect(asked).ToContainTextAsync("waiting for gpu-1");
        node.Cleared = clear.GetProperty("clears")[0].GetProperty("id").GetString();
        await Expect(asked).ToContainTextAsync("done");

        // All of it on a telephone's width, in the dark too, once the menu has slid away.
        await page.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.Page.SetViewportSizeAsync(400, 800);
        await page.Page.WaitForFunctionAsync("() => window.innerWidth === 400 && document.documentElement.scrollWidth <= 400");

        await page.Button("Revoke gpu-1").ClickAsync();
        await page.AnswerAsync("Revoke");
        await Expect(page.Section("Tokens")).ToContainTextAsync("No tokens yet");
        await Expect(page.Section("Running")).ToContainTextAsync("No accelerators are running");
        Assert.Equal(HttpStatusCode.Unauthorized, await node.RefusedAsync());
    }

    [Fact]
    public async Task The_page_is_for_the_servers_root_user_alone()
    {
        foreach (Who who in (Who[])[Who.OrganizationRoot, Who.Reader])
        {
            ConsolePage page = await SignedInAsync(who);
            await page.OpenAsync("/accelerators", "This page is not for you");
            await Expect(page.Places.GetByRole(AriaRole.Link, new() { Name = "Accelerators", Exact = true })).ToHaveCountAsync(0);
        }
    }

    private static async Task TagAsync(ConsolePage page, string label, string text)
    {
        ILocator field = page.Dialog.GetByLabel(label).First;
        await field.FillAsync(text);
        await field.PressAsync("Enter");
    }

    /// <summary>An accelerator that does nothing but register, again and again.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(500);

        private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
        private readonly CancellationTokenSource _stop = new();
        private readonly Uri _listener;
        private readonly string _token;
        private readonly TaskCompletionSource<HttpStatusCode> _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _beating;
        private readonly string _owner;
        private volatile Waiter? _waiter;

        public Node(Uri listener, string token, string owner)
        {
            (_listener, _token, _owner) = (listener, token, owner);
            _beating = BeatAsync();
        }

        /// <summary>The id of what it says it has cleared; null: nothing.</summary>
        public string? Cleared { get; set; }

        /// <summary>The first answer from now on that is as wanted.</summary>
        public Task<JsonElement> ToldAsync(Func<JsonElement, bool> isWanted)
        {
            _waiter = new Waiter(isWanted, new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously));
            return _waiter.Answer.Task.WaitAsync(Cancel);
        }

        /// <summary>The status with which it is no longer let in.</summary>
        public Task<HttpStatusCode> RefusedAsync() => _refused.Task.WaitAsync(Cancel);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _beating;
            _stop.Dispose();
            _http.Dispose();
        }

        private async Task BeatAsync()
        {
            using var timer = new PeriodicTimer(Heartbeat);
            bool isFirst = true;
            try
            {
                do
                {
                    string registration = Registration(isFirst ? 0 : 2048, isFirst ? 0 : 7);
                    isFirst = false;
                    using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_listener, "/v1/register")) { Content = new StringContent(registration, Encoding.UTF8, "application/json") };
                    request.Headers.TryAddWithoutValidation("x-tarn-accelerator", $"v=1;token={_token};name=gpu-1;zone=rack-7;domains=s3.acc.test");
                    request.Headers.TryAddWithoutValidation("x-tarn-call", "node");
                    using HttpResponseMessage answer = await _http.SendAsync(request, _stop.Token);
                    if (answer.StatusCode != HttpStatusCode.OK)
                    {
                        _refused.TrySetResult(answer.StatusCode);
                        return;
                    }

                    JsonElement told = JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(_stop.Token));
                    if (_waiter is { } waiter && waiter.IsWanted(told))
                    {
                        waiter.Answer.TrySetResult(told);
                    }
                }
                while (await timer.WaitForNextTickAsync(_stop.Token));
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The test is over.
            }
            catch (Exception e) when (e is HttpRequestException or JsonException)
            {
                _refused.TrySetException(e);
                _waiter?.Answer.TrySetException(e);
            }
        }

        private string Registration(long ofOwner, long ofOthers) =>
            $$$"""
            {"instance":"0123456789abcdef0123456789abcdef","name":"gpu-1","zone":"rack-7","domains":["s3.acc.test"],"peer":null,"certificate":null,"version":"1.0","cleared":[{{{(Cleared is { } id ? $"\"{id}\"" : "")}}}],
            "statistics":{"started":1790000000000,"hits":9,"partials":0,"misses":1,"bypasses":5,"bytesFromCache":900,"bytesFromPeers":50,"bytesFromUpstream":100,"bytesToPeers":0,"cacheBytes":536870912,"cacheCapacity":1073741824,
            "filledBytes":0,"evictedBytes":0,"damagedBlocks":0,"cacheErrors":2,"prestageQueue":0,"hitBytes":[{"owner":"{{{_owner}}}","bytes":{{{ofOwner}}}},{"owner":null,"bytes":{{{ofOthers}}}}]}}
            """;

        private sealed record Waiter(Func<JsonElement, bool> IsWanted, TaskCompletionSource<JsonElement> Answer);
    }
}

using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Playwright;
using Tarn.TestKit.Servers;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>
/// Somebody who is signed in to the console of a server of their own, as its root user, and opens in the same browser what others stored there. The console's tab may not err; what the browser refuses other pages it writes down, and nobody minds.
/// </summary>
public sealed class Victim : IDisposable
{
    /// <summary>The bucket in which others store.</summary>
    public const string Bucket = "the-bucket";

    private const string WatchPolicy = "addEventListener('securitypolicyviolation', e => tarnReport(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`))";

    /// <summary>Everything that there is a list of.</summary>
    private static readonly string[] Lists =
    [
        "/api/organizations", "/api/organizations/root/users", "/api/organizations/root/policies", "/api/organizations/root/roles", "/api/issuers", "/api/tokens", "/api/keys", "/api/disks", "/api/shares", "/api/jobs",
    ];

    private readonly ConcurrentQueue<string> _problems = new();
    private readonly ConcurrentQueue<(string Call, int Status)> _answers = new();

    private Victim(TarnServer server, IBrowserContext browser)
    {
        Server = server;
        Browser = browser;
        Api = new ControlApi(server.Control, Root);
        S3 = ConsoleStage.ClientOf(server.Endpoint, Root);
    }

    public TarnServer Server { get; }

    public IBrowserContext Browser { get; }

    public ControlApi Api { get; }

    public AmazonS3Client S3 { get; }

    /// <summary>The tab with the console.</summary>
    public IPage Tab { get; private set; } = null!;

    /// <summary>Whether the console may be refused something on its way.</summary>
    public bool ToleratesRefusals { get; set; }

    public Credentials Root => new(Server.Endpoint.AccessKey, Server.Endpoint.SecretKey);

    /// <summary>The console's origin, without a slash at its end.</summary>
    public string Console => Server.Control.GetLeftPart(UriPartial.Authority);

    /// <summary>What the control address answered other pages than the console, and to which calls.</summary>
    public IEnumerable<(string Call, int Status)> Answers => _answers;

    /// <summary>The button that says who is signed in.</summary>
    public ILocator Account(string principal) => Tab.GetByRole(AriaRole.Button, new() { Name = "Account " + principal, Exact = true });

    /// <param name="stage">Begins sessions.</param>
    /// <param name="server">The server. Nobody else may use it meanwhile.</param>
    /// <param name="newBrowser">Makes a browser's context with a state.</param>
    public static async Task<Victim> BeginAsync(ConsoleStage stage, TarnServer server, Func<BrowserNewContextOptions, Task<IBrowserContext>> newBrowser)
    {
        PageSession session = await stage.BeginSessionAsync(server.Control.GetLeftPart(UriPartial.Authority), new(server.Endpoint.AccessKey, server.Endpoint.SecretKey));
        var victim = new Victim(server, await newBrowser(new() { StorageState = session.Kept() }));
        if ((await victim.S3.ListBucketsAsync(TestContext.Current.CancellationToken)).Buckets is not { Count: > 0 })
        {
            await victim.S3.PutBucketAsync(Bucket, TestContext.Current.CancellationToken);
        }

        await victim.PutAsync("kept.txt", "text/plain", "kept"u8.ToArray());
        await victim.WatchAsync();
        await victim.Tab.GotoAsync(victim.Console + "/buckets");
        await Expect(victim.Account("root")).ToBeVisibleAsync();
        return victim;
    }

    public Task PutAsync(string key, string type, byte[] content) =>
        S3.PutObjectAsync(new() { BucketName = Bucket, Key = key, InputStream = new MemoryStream(content), ContentType = type }, TestContext.Current.CancellationToken);

    /// <summary>A URL of an object on the S3 port, for everyone.</summary>
    public string UrlOf(string key) => S3.GetPreSignedURL(new GetPreSignedUrlRequest { BucketName = Bucket, Key = key, Expires = DateTime.UtcNow.AddMinutes(10), Protocol = Protocol.HTTP });

    /// <summary>Opens an object from the S3 port in a tab beside the console, and waits until its script has got as far as it can.</summary>
    public async Task<IPage> OpenAsync(string key)
    {
        IPage page = await Browser.NewPageAsync();
        await page.GotoAsync(UrlOf(key));
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("#done"));
        return page;
    }

    /// <summary>What the server has, without what changes by itself.</summary>
    public async Task<string> StateAsync()
    {
        var state = new List<string>();
        foreach (string list in Lists)
        {
            JsonNode? data = JsonNode.Parse((await Api.GetAsync(list)).GetRawText());
            Strip(data);
            state.Add($"{list} {data?.ToJsonString()}");
        }

        foreach (S3Bucket bucket in (await S3.ListBucketsAsync(TestContext.Current.CancellationToken)).Buckets)
        {
            IEnumerable<S3Object> objects = (await S3.ListObjectsV2Async(new() { BucketName = bucket.BucketName }, TestContext.Current.CancellationToken)).S3Objects ?? [];
            state.Add($"{bucket.BucketName}: {string.Join(' ', objects.Select(one => $"{one.Key} {one.ETag}"))}");
        }

        return string.Join('\n', state);
    }

    /// <summary>Fails unless the server has what it had, and the console goes on as who it was, without an error.</summary>
    public async Task UnharmedAsync(string before)
    {
        Assert.Equal(before, await StateAsync());
        await Tab.ReloadAsync();
        await Expect(Account("root")).ToBeVisibleAsync();
        await Expect(Tab.GetByRole(AriaRole.Link, new() { Name = Bucket, Exact = true })).ToBeVisibleAsync();
        Assert.Empty(_problems);
    }

    public void Dispose()
    {
        Api.Dispose();
        S3.Dispose();
    }

    private async Task WatchAsync()
    {
        Tab = await Browser.NewPageAsync();
        // Of other pages only: those that are opened from now on.
        Browser.Page += (_, page) => page.Response += (_, answer) =>
        {
            if (answer.Url.StartsWith(Console, StringComparison.Ordinal))
            {
                _answers.Enqueue(($"{answer.Request.Method} {new Uri(answer.Url).AbsolutePath}", answer.Status));
            }
        };
        await Tab.ExposeFunctionAsync<string, bool>("tarnReport", report =>
        {
            _problems.Enqueue("content security policy: " + report);
            return true;
        });
        await Tab.AddInitScriptAsync(WatchPolicy);
        Tab.PageError += (_, error) => _problems.Enqueue(error);
        Tab.Console += (_, message) =>
        {
            if (message.Type == "error" && !(ToleratesRefusals && message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)))
            {
                _problems.Enqueue(message.Text);
            }
        };
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach ((string name, JsonNode? value) in members.ToArray())
            {
                if (name.StartsWith("lastUsed", StringComparison.Ordinal))
                {
                    members.Remove(name);
                }
                else
                {
                    Strip(value);
                }
            }
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
            {
                Strip(item);
            }
        }
    }
}

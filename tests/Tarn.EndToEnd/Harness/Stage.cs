using Amazon.Runtime;
using Amazon.S3;
using Microsoft.Playwright;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.EndToEnd.Harness;

/// <summary>
/// What all tests share: a server, a web site on another origin, and browsers. Tests are skipped where there is no browser.
/// <c>TARN_TEST_CHROMIUM</c> names the one to use in place of the system's.
/// </summary>
/// <remarks>
/// There are two: Chromium, and where it is installed Chromium's headless shell, which is the same engine of the same source without what is around pages: windows with their toolbars, and viewers. Of the time that a test takes in Chromium more than half
/// goes to those. What is about the browser rather than the page is shown in Chromium itself.
/// </remarks>
public sealed class Stage : IAsyncLifetime
{
    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
        // Of each window's address bar, whose pages take longer than the console's. The last such list replaces the one of Playwright, whose names follow.
        "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,"
            + "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,DialMediaRouteProvider,GlobalMediaControls,HttpsUpgrades,LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,"
            + "BlockOriginHeaderModificationOnRedirect,AvoidCorsURLLoaderRestartOnRedirect,Translate,AutoDeElevate,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled",
    ];

    private static readonly string[] Whole = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private static readonly string[] Shell = ["/usr/bin/chromium-headless-shell"];

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, IBrowser> _browsers = [];
    private TarnServer? _server;
    private TarnEndpoint? _endpoint;
    private IPlaywright? _playwright;
    private string? _missing;

    /// <summary>The server under test.</summary>
    public TarnEndpoint Endpoint => _endpoint ?? throw new InvalidOperationException("The stage is not set.");

    /// <summary>A client with full access, for what the browser does not do.</summary>
    public AmazonS3Client S3 { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _endpoint = TarnEndpoint.FromEnvironment();
        if (_endpoint is null)
        {
            _server = await TarnServer.StartAsync();
            _endpoint = _server.Endpoint;
        }

        S3 = ClientOf(Endpoint, Endpoint.AccessKey, Endpoint.SecretKey);
    }

    /// <summary>An S3 client with a key.</summary>
    public static AmazonS3Client ClientOf(TarnEndpoint endpoint, string accessKey, string secretKey) =>
        new(new BasicAWSCredentials(accessKey, secretKey), new AmazonS3Config
        {
            ServiceURL = endpoint.Address, ForcePathStyle = true, AuthenticationRegion = endpoint.Region, MaxErrorRetry = 0,
        });

    /// <summary>Creates a bucket for one test.</summary>
    public async Task<string> NewBucketAsync()
    {
        string name = "e2e-" + Guid.NewGuid().ToString("N")[..20];
        await S3.PutBucketAsync(name);
        return name;
    }

    /// <summary>A new page, as if by a new visitor; skips the test where there is no browser.</summary>
    public async Task<IPage> NewPageAsync() => await (await NewContextAsync()).NewPageAsync();

    /// <summary>A visitor without cookies, unless the options bring some, who wants no motion unless they say so; skips the test where there is no browser.</summary>
    /// <param name="options">Of the context.</param>
    /// <param name="isWhole">Whether it must be a browser with all that people's have, such as its viewer of PDF.</param>
    /// <remarks>
    /// Wait for where a page is by <c>Expect(page).ToHaveURLAsync</c>, which looks again and again. <c>WaitForURLAsync</c> looks once and then listens: what happens in between it waits for until it gives up.
    /// </remarks>
    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions? options = null, bool isWhole = false)
    {
        IBrowser browser = await BrowserAsync(isWhole);
        options ??= new();
        // Tests would wait for each transition; what is on the page does not depend on it.
        options.ReducedMotion ??= ReducedMotion.Reduce;
        IBrowserContext context = await browser.NewContextAsync(options);
        // The machine may be busy with other parts of the tests.
        context.SetDefaultTimeout(120_000);
        Assertions.SetDefaultExpectTimeout(60_000);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IBrowser browser in _browsers.Values)
        {
            await browser.DisposeAsync();
        }

        _playwright?.Dispose();
        S3?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _gate.Dispose();
    }

    private static string? FindChromium(bool isWhole)
    {
        string[] places = Environment.GetEnvironmentVariable("TARN_TEST_CHROMIUM") is { Length: > 0 } given ? [given] : isWhole ? Whole : [.. Shell, .. Whole];
        return Array.Find(places, File.Exists);
    }

    private async Task<IBrowser> BrowserAsync(bool isWhole)
    {
        await _gate.WaitAsync();
        try
        {
            string? chromium = FindChromium(isWhole);
            if (chromium is null)
            {
                InstalledPrograms.Missing("chromium", "Chromium is not installed.");
            }

            Assert.SkipWhen(_missing is not null, _missing ?? "");
            if (!_browsers.TryGetValue(chromium!, out IBrowser? browser))
            {
                try
                {
                    _playwright ??= await Playwright.CreateAsync();
                    _browsers[chromium!] = browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Headless = true, Args = Arguments, Timeout = 60_000 });
                }
                catch (PlaywrightException e) when (e.Message.Contains("Driver not found", StringComparison.Ordinal))
                {
                    _missing = "Playwright has no driver for this platform: " + e.Message;
                    Assert.Skip(_missing);
                }
            }

            return browser!;
        }
        finally
        {
            _gate.Release();
        }
    }
}

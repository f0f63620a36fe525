using System.Text;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using Tarn.TestKit.Servers;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>The console of a server that was started with <c>--dev</c>, which refuses pages from elsewhere: pictures, documents and downloads name no page.</summary>
public sealed class DevTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    private static readonly Credentials Known = new("tarndev", "tarndevsecret");

    /// <summary>Wherever it listens on this machine and by whatever name it is opened: below a domain, and at IPv6, S3 is at another.</summary>
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "photos.localhost", "--domain", "localhost")]
    public Task Pictures_documents_and_downloads_work_and_links_open_it(string listens, string opened, params string[] arguments) => BrowseAsync(listens, opened, arguments);

    [Theory]
    [InlineData("127.0.0.1", "localhost")]
    [InlineData("127.0.0.2", "127.0.0.2")]
    [InlineData("[::1]", "[::1]")]
    [Trait("length", "long")]
    public Task Pictures_documents_and_downloads_work_by_other_addresses(string listens, string opened) => BrowseAsync(listens, opened);

    private async Task BrowseAsync(string listens, string opened, params string[] arguments)
    {
        Assert.SkipWhen(listens == "[::1]" && !System.Net.Sockets.Socket.OSSupportsIPv6, "There is no IPv6 here.");
        await using TarnServer server = await TarnServer.StartAsync(new TarnServerOptions { AccessKey = Known.AccessKey, SecretKey = Known.SecretKey, Host = listens, Arguments = ["--dev", .. arguments] });
        using var s3 = ConsoleStage.ClientOf(server.Endpoint, Known);
        await s3.PutBucketAsync("photos", Cancel);
        byte[] picture = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");
        await s3.PutObjectAsync(new() { BucketName = "photos", Key = "dot.png", InputStream = new MemoryStream(picture), ContentType = "image/png" }, Cancel);
        await s3.PutObjectAsync(new() { BucketName = "photos", Key = "paper.pdf", InputStream = new MemoryStream(Encoding.ASCII.GetBytes("%PDF-1.4\n%%EOF\n")), ContentType = "application/pdf" }, Cancel);
        string origin = Invariant($"http://{opened}:{server.Control.Port}");

        NeedsWholeBrowser = true; // which has the viewer
        ConsolePage page = await VisitAsync(origin: origin);
        await using PageServer site = await PageServer.StartAsync();
        await page.Page.GotoAsync(site.Origin.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        await page.Page.EvaluateAsync("url => { const a = document.createElement('a'); a.href = url; document.body.append(a); a.click(); }", origin + "/buckets");
        await page.SignInAsync(Known);
        await Expect(page.Heading("Buckets")).ToBeVisibleAsync();

        await page.GoToAsync("/buckets/photos/object?key=dot.png");
        await Expect(page.Section("Preview").GetByRole(AriaRole.Img)).ToHaveJSPropertyAsync("naturalWidth", 1);
        IDownload download = await page.Page.RunAndWaitForDownloadAsync(() => page.Button("Download").ClickAsync());
        Assert.Equal(picture, await File.ReadAllBytesAsync(await download.PathAsync(), Cancel));

        IResponse document = await page.Page.RunAndWaitForResponseAsync(
            () => page.GoToAsync("/buckets/photos/object?key=paper.pdf"), answer => answer.Url.Contains(Invariant($":{server.Endpoint.S3.Port}/photos/paper.pdf"), StringComparison.Ordinal) && answer.Request.IsNavigationRequest);
        Assert.Equal(200, document.Status);
    }
}

using System.IO.Compression;
using Tarn.Server.Configuration;
using Tarn.Server.Hosting;
using Tarn.Server.Identity;
using Tarn.Server.Web;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Servers;
using Tarn.Tests.Server;

namespace Tarn.Tests.Hosting;

/// <summary>What a server prints once it listens.</summary>
public sealed class BannerTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("https://console.example.com", true)]
    [InlineData("https://console.example.com", false)]
    public async Task It_says_where_the_console_is(string? told, bool isThere)
    {
        using var scratch = new TemporaryDirectory("banner");
        string archive = scratch.PathOf("console.zip");
        using (var zip = new ZipArchive(File.Create(archive), ZipArchiveMode.Create))
        {
            zip.CreateEntry("index.html");
        }

        ServerOptions options = InProcessServer.Options with
        {
            ConsoleUrl = told is null ? null : Bound.From(new() { ["--console-url"] = [told] }).ConsoleUrl,
        };
        await using InProcessServer server = await InProcessServer.StartAsync(new InProcessSetup { Options = options, Console = isThere ? ConsoleFiles.Load(archive) : null });
        string text = Banner.Text(options, server.Host, new RootIdentity("id", new RootKey("ID", "a-secret"), IsNewKey: false));
        Assert.Contains($"S3 endpoint   {server.S3Url} ", text, StringComparison.Ordinal);
        Assert.Contains($"Control       {server.ControlUrl}\n", text, StringComparison.Ordinal);
        Assert.Contains(isThere ? $"Console       {told ?? server.ControlUrl}/\n" : "Console       not in this build\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret", text, StringComparison.Ordinal);
    }
}

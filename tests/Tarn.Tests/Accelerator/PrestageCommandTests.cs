using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Core.Acceleration;
using Tarn.Core.Disks.Catalog;
using Tarn.Server;
using Tarn.Server.Accelerator.Reading;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Accelerators;
using Tarn.Server.Configuration;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Accelerator;

/// <summary><c>tarn accelerator prestage</c> against a server and an accelerator in front of it.</summary>
public sealed class PrestageCommandTests : IAsyncLifetime
{
    private const int Length = 200_000;

    private readonly Dictionary<string, string> _variables = new() { ["AWS_ACCESS_KEY_ID"] = InProcessServer.RootAccessKey, ["AWS_SECRET_ACCESS_KEY"] = InProcessServer.RootSecretKey };

    private InProcessServer _server = null!;
    private TestAccelerator _accelerator = null!;
    private RawClient _direct = null!;
    private RawClient _accelerated = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await InProcessServer.StartAsync(new InProcessSetup { Options = InProcessServer.Options with { Accelerators = new ListenAddress(IPAddress.Loopback, false, 0) } });
        NewAcceleratorToken token = await _server.Get<AcceleratorTokens>().CreateAsync("test", "z1", AddressList.Any, [], "root", CancellationToken.None);
        _accelerator = await TestAccelerator.StartAsync(new Uri(_server.Host.AcceleratorsUrl!), change: options => options with { Token = token.Text });
        _direct = ClientOf(_server.S3Url);
        _accelerated = ClientOf(_accelerator.Url.ToString());
        (await _direct.SendAsync("PUT", "/bkt")).Expect(200);
    }

    public async ValueTask DisposeAsync()
    {
        await _accelerator.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Objects_are_in_the_cache_before_they_are_read_whatever_their_keys_are()
    {
        string[] targets =
        [
            "/bkt/p/plain", "/bkt/p/a%20b", "/bkt/p//c", "/bkt/p/../up", "/bkt/p/./here", "/bkt/p/..", "/bkt/p/%252F", "/bkt/p/a%2Bb", "/bkt/p/%C3%BC%F0%9F%8D%8E", "/bkt/p/%01%0A",
            "/bkt/p/%3Fq=1%26r%23h", "/bkt/p/%3Ca%3E%22%27%5C", "/bkt/p/end/",
        ];
        foreach (string target in (string[])[.. targets, "/bkt/q/other"])
        {
            (await _direct.SendAsync("PUT", target, body: RandomNumberGenerator.GetBytes(Length))).Expect(200);
        }

        (await _direct.SendAsync("PUT", "/bkt/p/empty", body: [])).Expect(200);
        (int code, string output, string error) = await RunAsync(_accelerator.Url, "s3://bkt/p/", "--json");
        Assert.Equal((0, ""), (code, error));
        JsonElement told = JsonElement.Parse(output);
        Assert.Equal(
            (targets.Length, (long)targets.Length * Length, 1, 0, 0, 0),
            (Number(told, "objects"), Number(told, "bytes"), Number(told, "empty"), Number(told, "gone"), Number(told, "failed"), told.GetProperty("failures").GetArrayLength()));
        await StagedAsync();
        foreach (string target in targets)
        {
            RawResponse answer = (await _accelerated.SendAsync("GET", target)).Expect(200);
            Assert.Equal((target, "hit", Length), (target, answer["x-tarn-cache"], answer.Body.Length));
        }

        Assert.Equal("miss", (await _accelerated.SendAsync("GET", "/bkt/q/other")).Expect(200)["x-tarn-cache"]);
    }

    [Fact]
    public async Task All_pages_of_the_listing_are_asked_for()
    {
        for (int i = 0; i < 8; i++)
        {
            (await _direct.SendAsync("PUT", $"/bkt/p%26/{i}", body: new byte[i])).Expect(200);
        }

        using var client = new S3Client(_accelerator.Url, ClientCredentials.KeyFrom(_variables.GetValueOrDefault)!, "us-east-1", TimeProvider.System);
        List<ListedObject> listed = await new ListedObjects(client, Assert.Fail, TimeProvider.System, pageSize: 3).ListAsync("bkt", "p&/", TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 8).Select(static i => new ListedObject($"p&/{i}", i)), listed);
    }

    [Fact]
    public async Task What_is_no_accelerator_stages_nothing()
    {
        (await _direct.SendAsync("PUT", "/bkt/k", body: new byte[Length])).Expect(200);
        (int code, string output, string error) = await RunAsync(new Uri(_server.S3Url), "s3://bkt");
        Assert.Equal((1, "staged in the background  0 (0 bytes)"), (code, output.Split('\n')[0]));
        Assert.Contains("is not an accelerator, so nothing is staged", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_may_not_be_listed_is_an_error()
    {
        (int code, _, string error) = await RunAsync(_accelerator.Url, "s3://there-is-none/a");
        Assert.Equal((1, true), (code, error.StartsWith("tarn: cannot list there-is-none: ", StringComparison.Ordinal)));
        Assert.Contains("NoSuchBucket", error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(Uri url, params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = await CommandRunner.RunAsync(TarnCommand.Create(_variables, TimeProvider.System), ["accelerator", "prestage", .. arguments, "--s3-endpoint", url.ToString()], output, error);
        return (code, output.ToString(), error.ToString());
    }

    private async Task StagedAsync()
    {
        Prestaging prestaging = _accelerator.Host.Services.GetRequiredService<Prestaging>();
        while (prestaging.Count > 0)
        {
            await Task.Yield();
        }

        await _accelerator.Cache.SettleAsync();
    }

    private static long Number(JsonElement told, string name) => told.GetProperty(name).GetInt64();

    private static RawClient ClientOf(string url) => new(new TarnEndpoint(new Uri(url), InProcessServer.RootAccessKey, InProcessServer.RootSecretKey));
}

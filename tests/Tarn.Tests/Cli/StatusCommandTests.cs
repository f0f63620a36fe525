using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Status;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Servers;
using Tarn.Tests.Control;

namespace Tarn.Tests.Cli;

/// <summary>What <c>tarn status</c> shows to whom, and its exit code.</summary>
public sealed class StatusCommandTests : IAsyncLifetime
{
    private static readonly string[] Figures = ["version", "up", "s3", "control", "holds", "damage", "scrub", "reclaim", "lifecycle", "backup"];

    private readonly Dictionary<string, string> _variables = [];
    private ControlServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync();
        _variables["TARN_ENDPOINT"] = _server.Url;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task The_root_user_sees_how_the_server_is()
    {
        AsRoot();
        BucketCatalog buckets = _server.Services.GetRequiredService<BucketCatalog>();
        await buckets.CreateAsync(BucketName.FromStorage("one"), "owner", "Owner", "us-east-1", Token);
        await buckets.CreateAsync(BucketName.FromStorage("two"), "owner", "Owner", "us-east-1", Token);
        (int code, string text) = await RunAsync("status");
        Assert.Equal(0, code);
        Assert.StartsWith("state       ready\n", text, StringComparison.Ordinal);
        Assert.All(Figures, name => Assert.Contains($"\n{name} ", text, StringComparison.Ordinal));
        Assert.Contains("holds       2 buckets, 0 objects", text, StringComparison.Ordinal);
        Assert.Contains(_server.S3Url, text, StringComparison.Ordinal);

        (code, text) = await RunAsync("status", "--json");
        using JsonDocument json = JsonDocument.Parse(text);
        Assert.Equal((0, true, 2, StoreFormat.Current), (
            code, json.RootElement.GetProperty("ready").GetBoolean(), json.RootElement.GetProperty("held").GetProperty("buckets").GetInt32(), json.RootElement.GetProperty("storeFormat").GetInt32()));
    }

    [Fact]
    public async Task Without_credentials_it_says_only_whether_the_server_is_ready()
    {
        (int code, string text) = await RunAsync("status");
        Assert.Equal(0, code);
        Assert.Contains("TARN_ROOT_ACCESS_KEY", text, StringComparison.Ordinal);
        Assert.DoesNotContain("version", text, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("status", "--health")).Code);
    }

    [Fact]
    public async Task Another_organizations_root_user_learns_nothing_about_the_machine()
    {
        Signer acme = await _server.OrganizationAsync("acme");
        Assert.Equal(403, (await _server.SendAsync(acme, "GET", "/api/status")).Status);
        _variables["AWS_ACCESS_KEY_ID"] = acme.Id!;
        _variables["AWS_SECRET_ACCESS_KEY"] = acme.Secret;
        (int code, string text) = await RunAsync("status");
        Assert.Equal(0, code);
        Assert.Contains("(403)", text, StringComparison.Ordinal);
        Assert.DoesNotContain("version", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_row_of_a_bucket_takes_no_more_than_the_figures_of_buckets()
    {
        AsRoot();
        await _server.Services.GetRequiredService<IKeyValueStore>().CommitAsync(new KeyValueBatch().Put(Tables.BucketKey("broken"), [255]), Token);
        (int code, string text) = await RunAsync("status");
        Assert.Equal(0, code);
        Assert.Contains("holds       cannot be read: ", text, StringComparison.Ordinal);
        Assert.Contains("damage      none known", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_space_of_each_store_is_shown_and_that_a_device_does_not_answer()
    {
        using var directory = new TemporaryDirectory();
        StoreDevices data = new(static () => null, directory.PathOf("data")), mirror = new(static () => null, directory.PathOf("mirror"), IsMirror: true);
        Directory.CreateDirectory(data.MetadataPath);
        Directory.CreateDirectory(data.BlobsPath);
        Directory.CreateDirectory(mirror.BlobsPath);
        await using InProcessServer server = await InProcessServer.StartAsync(new InProcessSetup { Devices = [data, mirror] }, Token);
        _variables["TARN_ENDPOINT"] = server.ControlUrl;
        AsRoot();
        (int code, string text) = await RunAsync("status");
        Assert.Equal(0, code);
        Assert.Matches($@"\nspace       metadata in {data.MetadataPath}: [0-9.]+ [KMGT]iB of [0-9.]+ [KMGT]iB free", text);
        Assert.Contains($"\nspace       blobs in {data.BlobsPath}: ", text, StringComparison.Ordinal);
        Assert.Contains($"\nspace       mirror_metadata in {mirror.MetadataPath}: ", text, StringComparison.Ordinal);
        Assert.Matches($@"\nspace       mirror_blobs in {mirror.BlobsPath}: [0-9.]+ [KMGT]iB of", text);

        (code, text) = await RunAsync("status", "--json");
        using JsonDocument json = JsonDocument.Parse(text);
        JsonElement[] stores = [.. json.RootElement.GetProperty("stores").EnumerateArray()];
        Assert.Equal(["metadata", "blobs", "mirror_metadata", "mirror_blobs"], stores.Select(static store => store.GetProperty("store").GetString()));
        Assert.Equal([false, false, true, false], stores.Select(static store => store.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.String));
        Assert.True(stores[0].GetProperty("totalBytes").GetInt64() >= stores[0].GetProperty("freeBytes").GetInt64() && stores[0].GetProperty("freeBytes").GetInt64() > 0);
    }

    [Fact]
    public async Task Devices_that_hang_take_no_more_than_their_own_figures()
    {
        using var hangs = new ManualResetEventSlim();
        var time = new FakeTimeProvider();
        var probe = new SpaceProbe(_ => { hangs.Wait(Token); return default; }, time);
        await using InProcessServer server = await InProcessServer.StartAsync(
            new InProcessSetup { Devices = [new(static () => null, "/data"), new(static () => null, "/mirror", IsMirror: true)], More = builder => builder.Services.AddSingleton(probe) }, Token);
        _variables["TARN_ENDPOINT"] = server.ControlUrl;
        AsRoot();
        Task<(int Code, string Output)> running = RunAsync("status");
        while (!running.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        hangs.Set();
        (int code, string text) = await running;
        Assert.Equal(0, code);
        foreach (string line in (string[])["metadata in /data/meta", "blobs in /data/blobs", "mirror_metadata in /mirror/meta", "mirror_blobs in /mirror/blobs"])
        {
            Assert.Contains($"\nspace       {line}: does not answer within 3 seconds\n", text, StringComparison.Ordinal);
        }

        Assert.All(Figures, name => Assert.Contains($"\n{name} ", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"version":1,"stores":{},"held":[],"backup":null,"startedAt":"yesterday","uptimeSeconds":"long","scrub":3,"usesDevKey":"perhaps"}""")]
    public void What_a_server_of_another_version_does_not_tell_is_said(string status)
    {
        using JsonDocument json = JsonDocument.Parse(status);
        string text = StatusText.Of(new Uri("http://127.0.0.1:9001"), new HealthProbe.Answer(true, "ready"), json.RootElement, null);
        Assert.StartsWith("state       ready\nversion     not told by a server of this version\n", text, StringComparison.Ordinal);
        Assert.All(Figures, name => Assert.Contains($"\n{name} ", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task On_loopback_the_certificate_may_be_for_another_name_but_no_token_is_sent_to_it()
    {
        using var directory = new TemporaryDirectory();
        var files = TestCertificates.Create(directory.FullPath);
        await using InProcessServer server = await InProcessServer.StartAsync(
            new InProcessSetup { Options = InProcessServer.Options with { Tls = new TlsOptions(files.CertificateFile, files.KeyFile, null, false, true) } }, Token);
        _variables["TARN_ENDPOINT"] = server.ControlUrl;
        AsRoot();
        (int code, string text) = await RunAsync("status");
        Assert.Equal(0, code);
        Assert.Contains("\nversion     ", text, StringComparison.Ordinal);
        _variables["TARN_API_KEY"] = "key-secret";
        (code, text) = await RunAsync("status");
        Assert.Equal(0, code);
        Assert.Contains("SSL connection could not be established", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_accepts_no_writes_is_not_ready_and_says_why()
    {
        AsRoot();
        _server.Services.GetRequiredService<StoreHealth>().Fail();
        (int code, string text) = await RunAsync("status");
        Assert.Equal(1, code);
        Assert.StartsWith("state       not ready: the metadata store failed", text, StringComparison.Ordinal);
        Assert.Contains("a write to the metadata failed", text, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("status", "--health")).Code);
    }

    [Fact]
    public async Task What_is_not_reached_or_is_not_the_control_address_is_not_ready()
    {
        (int code, string text) = await RunAsync("status", "--health", "--endpoint", $"http://127.0.0.1:{FreePort.Next()}");
        Assert.Equal(1, code);
        Assert.Contains("cannot be reached", text, StringComparison.Ordinal);
        (code, text) = await RunAsync("status", "--health", "--endpoint", _server.S3Url);
        Assert.Equal(1, code);
        Assert.Contains("is not Tarn's control address", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9001/")]
    [InlineData("http://127.0.0.1:7001/", "TARN_CONTROL", ":7001")]
    [InlineData("http://[::1]:7001/", "TARN_CONTROL", "[::]:7001")]
    [InlineData("http://10.0.0.5:7001/", "TARN_CONTROL", "10.0.0.5:7001")]
    [InlineData("https://127.0.0.1:7001/", "TARN_CONTROL", ":7001", "TARN_TLS_CERT", "a", "TARN_TLS_KEY", "b")]
    [InlineData("http://127.0.0.1:9001/", "TARN_TLS_CERT", "a", "TARN_TLS_KEY", "b")]
    public void The_server_beside_it_is_that_of_the_environments_settings(string expected, params string[] variables) =>
        Assert.Equal(expected, LocalServer.Endpoint(SettingValues.Collect(static _ => null, variables.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]))).AbsoluteUri);

    private void AsRoot()
    {
        _variables["TARN_ROOT_ACCESS_KEY"] = ControlServer.Root.Id!;
        _variables["TARN_ROOT_SECRET_KEY"] = ControlServer.Root.Secret;
    }

    private async Task<(int Code, string Output)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandRunner.RunAsync(TarnCommand.Create(_variables, TimeProvider.System), args, output, error);
        Assert.Equal("", error.ToString());
        return (code, output.ToString());
    }
}

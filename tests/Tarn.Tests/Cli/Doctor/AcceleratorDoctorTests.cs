using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tarn.Backends.Files;
using Tarn.Core.Acceleration;
using Tarn.Core.Disks.Catalog;
using Tarn.Server;
using Tarn.Server.Acceleration;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Doctor.Accelerators;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Configuration;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Cli.Doctor;

/// <summary><c>tarn doctor accelerator</c>: each check with what it is to find.</summary>
public sealed class AcceleratorDoctorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new("doctor");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Every_check_is_run()
    {
        Type[] written = [.. typeof(AcceleratorChecks).Assembly.GetTypes().Where(static type => type.IsAssignableTo(typeof(ICheck<ExaminedAccelerator>)) && !type.IsAbstract).OrderBy(static type => type.Name, StringComparer.Ordinal)];
        Assert.Equal(written, AcceleratorChecks.Create().Select(static check => check.GetType()).OrderBy(static type => type.Name, StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_accelerator_of_which_all_is_right_has_no_problem_and_nothing_of_it_is_registered()
    {
        await using InProcessServer server = await ServerAsync();
        string token = await TokenAsync(server, "z1");
        (int code, string text) = await CommandAsync(server, token, "--zone", "z1", "--cache", _directory.FullPath, "--cache-size", "300MiB", "--s3", "127.0.0.1:0");
        Assert.True(code == 0, text);
        JsonElement[] findings = [.. JsonElement.Parse(text).GetProperty("findings").EnumerateArray()];
        Assert.Equal(["settings", "cache", "space", "descriptors", "server", "clock", "peers"], findings.Select(static one => one.GetProperty("check").GetString()).Distinct());
        Assert.Equal($"{server.Host.AcceleratorsUrl} is reached, and accepts the token", Found(findings, "server"));
        Assert.Contains("at the server", Found(findings, "clock"), StringComparison.Ordinal);
        Assert.Empty(server.Get<AcceleratorRegistry>().List());
        Assert.Empty(Directory.GetFileSystemEntries(_directory.FullPath));
    }

    [Fact]
    public async Task Wrong_settings_are_a_problem_and_nothing_else_is_looked_at()
    {
        (int code, string text) = await RunAsync(["doctor", "accelerator", "--cache", _directory.FullPath]);
        Assert.Equal(1, code);
        Assert.Contains("PROBLEM  settings     --upstream is missing", text, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_not_accepted_is_found_with_the_servers_reason()
    {
        await using InProcessServer server = await ServerAsync();
        string token = await TokenAsync(server, "other");
        ExaminedAccelerator examined = Examined(server.Host.AcceleratorsUrl!, token);
        await ExpectAsync(new UpstreamCheck(), examined, Verdict.Problem, "refuses this accelerator: The accelerator's token is for another zone");
        await ExpectAsync(new UpstreamCheck(), Examined(server.Host.AcceleratorsUrl!, "none"), Verdict.Problem, "not one of this server, or was revoked");
    }

    [Fact]
    public async Task Another_listener_and_none_are_found()
    {
        await using InProcessServer server = await ServerAsync();
        foreach (string url in (string[])[server.S3Url, server.ControlUrl])
        {
            await ExpectAsync(new UpstreamCheck(), Examined(url), Verdict.Problem, "is no listener for accelerators");
        }

        await ExpectAsync(new UpstreamCheck(), Examined($"http://127.0.0.1:{FreePort.Next()}"), Verdict.Problem, "cannot be reached");
    }

    [Fact]
    public async Task A_certificate_has_to_be_for_the_servers_name_and_from_an_authority_that_is_trusted()
    {
        var certificates = TestCertificates.Create(_directory.FullPath);
        await using InProcessServer server = await ServerAsync(options => options with { Tls = new TlsOptions(certificates.CertificateFile, certificates.KeyFile, null, OnS3: true, OnControl: false) });
        string token = await TokenAsync(server, "z1");
        string url = server.Host.AcceleratorsUrl!;
        await ExpectAsync(new UpstreamCheck(), Examined(url, token), Verdict.Problem, "the TLS of https://");
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(certificates.AuthorityFile);
        ExaminedAccelerator trusting = Examined(url, token);
        trusting = trusting with { Options = trusting.Options! with { Authorities = authorities } };
        await ExpectAsync(new UpstreamCheck(), trusting, Verdict.Ok, "accepts the token");
    }

    [Fact]
    public async Task A_clock_that_differs_from_the_servers_is_found()
    {
        await using InProcessServer server = await ServerAsync();
        foreach ((int minutes, Verdict verdict) in ((int, Verdict)[])[(0, Verdict.Ok), (5, Verdict.Warning), (-5, Verdict.Warning), (20, Verdict.Problem), (-20, Verdict.Problem)])
        {
            await ExpectAsync(
                new AcceleratorClockCheck(), Examined(server.Host.AcceleratorsUrl!) with { Time = new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(minutes)) }, verdict, "at the server");
        }

        ExaminedAccelerator alone = Examined($"http://127.0.0.1:{FreePort.Next()}");
        await ExpectAsync(new AcceleratorClockCheck(), alone, Verdict.Skipped, "the server's time is not known");
        IReadOnlyList<Finding> findings = await new AcceleratorClockCheck().RunAsync(alone with { IsClockSynchronized = static () => false }, TestContext.Current.CancellationToken);
        Assert.Equal((Verdict.Warning, "nothing keeps this machine's clock right"), (findings[1].Verdict, findings[1].Found));
    }

    [Theory]
    [InlineData("ext4", "rw", nameof(Verdict.Ok), "is on ext4")]
    [InlineData("xfs", "ro", nameof(Verdict.Problem), "mounted read-only")]
    [InlineData("nfs4", "rw", nameof(Verdict.Warning), "hardly faster than the server")]
    [InlineData("fuse.sshfs", "rw", nameof(Verdict.Warning), "hardly faster than the server")]
    [InlineData("overlay", "rw", nameof(Verdict.Warning), "a container's own layer")]
    [InlineData("tmpfs", "rw", nameof(Verdict.Warning), "in memory")]
    public async Task What_the_cache_is_on_is_judged(string type, string options, string verdict, string found)
    {
        string proc = _directory.PathOf("proc", "self");
        Directory.CreateDirectory(proc);
        await File.WriteAllTextAsync(Path.Combine(proc, "mountinfo"), $"36 35 98:0 / / {options},noatime - {type} /dev/sda1 rw\n", TestContext.Current.CancellationToken);
        await ExpectAsync(new CacheCheck(), Examined() with { Proc = new ProcFiles(_directory.PathOf("proc")) }, verdict, found);
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_found()
    {
        ExaminedAccelerator closed = Examined() with { MayWrite = static _ => false };
        await ExpectAsync(new CacheCheck(), closed, Verdict.Problem, "may not create it in");
        Directory.CreateDirectory(closed.Options!.Cache);
        await ExpectAsync(new CacheCheck(), closed, Verdict.Problem, "cannot be written by this user");
        File.WriteAllText(_directory.PathOf("file"), "");
        await ExpectAsync(new CacheCheck(), closed with { Options = closed.Options with { Cache = _directory.PathOf("file", "cache") } }, Verdict.Problem, "is a file");
    }

    [Theory]
    [InlineData(100, 1000, 900, 0, nameof(Verdict.Ok), "--cache-size is")]
    [InlineData(2000, 1000, 900, 0, nameof(Verdict.Problem), "more than the device has")]
    [InlineData(500, 1000, 400, 0, nameof(Verdict.Warning), "will be full before the cache is")]
    [InlineData(500, 1000, 400, 200, nameof(Verdict.Ok), "--cache-size is")]
    [InlineData(950, 1000, 990, 0, nameof(Verdict.Warning), "hardly anything is left")]
    public async Task The_room_of_the_cache_is_compared_with_that_of_the_device(long size, long total, long free, int taken, string verdict, string found)
    {
        const long mega = 1 << 20;
        ExaminedAccelerator examined = Examined() with { Space = _ => new FileSystemSpace(free * mega, 0, 0, 0) { TotalBytes = total * mega } };
        examined = examined with { Options = examined.Options! with { CacheSize = size * mega } };
        if (taken > 0)
        {
            Directory.CreateDirectory(examined.Options!.Cache);
            await using FileStream slab = File.Create(Path.Combine(examined.Options.Cache, "slab-000000"));
            slab.SetLength(taken * mega);
        }

        await ExpectAsync(new CacheSpaceCheck(), examined, verdict, found);
    }

    [Theory]
    [InlineData("65536", 64L << 20, nameof(Verdict.Ok), "may open 65,536 files")]
    [InlineData("unlimited", 64L << 20, nameof(Verdict.Ok), "may open")]
    [InlineData("1024", 64L << 20, nameof(Verdict.Warning), "each request needs four")]
    [InlineData("256", 64L << 20, nameof(Verdict.Problem), "too few")]
    [InlineData("1024", 16L << 40, nameof(Verdict.Problem), "the cache alone needs")]
    public async Task The_limit_of_open_files_is_judged(string hard, long cacheSize, string verdict, string found)
    {
        string proc = _directory.PathOf("proc", "self");
        Directory.CreateDirectory(proc);
        await File.WriteAllTextAsync(Path.Combine(proc, "limits"), $"Max open files            1024                 {hard}               files\n", TestContext.Current.CancellationToken);
        ExaminedAccelerator examined = Examined() with { Proc = new ProcFiles(_directory.PathOf("proc")) };
        await ExpectAsync(new AcceleratorDescriptorsCheck(), examined with { Options = examined.Options! with { CacheSize = cacheSize } }, verdict, found);
    }

    [Theory]
    [InlineData(null, "", "", nameof(Verdict.Ok), "nothing is shared")]
    [InlineData("10.0.0.7:9003", "", "10.0.0.7", nameof(Verdict.Ok), "at 10.0.0.7:9003")]
    [InlineData("[fd00::7]:9003", "", "fd00::7", nameof(Verdict.Ok), "at [fd00::7]:9003")]
    [InlineData("gpu-1.lan:9003", "10.0.0.7", "10.0.0.7", nameof(Verdict.Ok), "at gpu-1.lan:9003 (10.0.0.7)")]
    [InlineData("gpu-1.lan:9003", "10.0.0.8", "10.0.0.7", nameof(Verdict.Warning), "no address of this machine")]
    [InlineData("gpu-1.lan:9003", "", "10.0.0.7", nameof(Verdict.Problem), "has no address here")]
    [InlineData("127.0.0.1:9003", "", "127.0.0.1", nameof(Verdict.Warning), "only accelerators of this machine do")]
    public async Task The_address_for_the_others_of_the_zone_has_to_lead_here(string? peer, string resolved, string own, string verdict, string found)
    {
        ExaminedAccelerator examined = Examined() with
        {
            Resolve = (_, _) => resolved.Length == 0 ? throw new SocketException((int)SocketError.HostNotFound) : Task.FromResult<IPAddress[]>([IPAddress.Parse(resolved)]),
            Addresses = () => own.Length == 0 ? [] : [IPAddress.Parse(own)],
        };
        await ExpectAsync(new PeersCheck(), examined with { Options = examined.Options! with { PeerAddress = peer } }, verdict, found);
    }

    [Fact]
    public async Task Data_without_TLS_on_a_network_is_a_warning()
    {
        ExaminedAccelerator examined = Examined("http://tarn.example.com:9100");
        examined = examined with { Options = examined.Options! with { S3 = new ListenAddress(IPAddress.Any, false, 9000) } };
        IReadOnlyList<Finding> findings = await new AcceleratorSettingsCheck().RunAsync(examined, TestContext.Current.CancellationToken);
        Assert.Equal([Verdict.Ok, Verdict.Warning, Verdict.Warning], findings.Select(static one => one.Verdict));
    }

    private static Task<InProcessServer> ServerAsync(Func<ServerOptions, ServerOptions>? change = null)
    {
        ServerOptions options = InProcessServer.Options with { Accelerators = new ListenAddress(IPAddress.Loopback, false, 0) };
        return InProcessServer.StartAsync(new InProcessSetup { Options = change?.Invoke(options) ?? options }, TestContext.Current.CancellationToken);
    }

    private static async Task<string> TokenAsync(InProcessServer server, string zone) =>
        (await server.Get<AcceleratorTokens>().CreateAsync("test", zone, AddressList.Any, [], "root", TestContext.Current.CancellationToken)).Text;

    private ExaminedAccelerator Examined(string upstream = "http://127.0.0.1:1", string token = "token-of-tests") => new()
    {
        Options = new AcceleratorOptions
        {
            Upstream = new Uri(upstream),
            Token = token,
            Name = "node-1",
            Zone = "z1",
            Domains = [],
            Cache = _directory.PathOf("cache"),
            CacheSize = 64L << 20,
            S3 = new ListenAddress(IPAddress.Loopback, false, 0),
            LogLevel = LogLevel.None,
        },
        IsClockSynchronized = static () => true,
    };

    private static async Task<(int Code, string Output)> CommandAsync(InProcessServer server, string token, params string[] arguments)
    {
        using var directory = new TemporaryDirectory("token");
        string file = directory.PathOf("token");
        File.WriteAllText(file, token);
        Examination.SetMode(file, UnixFileMode.UserRead);
        return await RunAsync(["doctor", "accelerator", "--upstream", server.Host.AcceleratorsUrl!, "--token-file", file, .. arguments, "--json"]);
    }

    private static async Task<(int Code, string Output)> RunAsync(string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = await CommandRunner.RunAsync(TarnCommand.Create(new Dictionary<string, string>(), TimeProvider.System), arguments, output, error);
        Assert.Equal("", error.ToString());
        return (code, output.ToString());
    }

    private static string Found(JsonElement[] findings, string check) => findings.First(one => one.GetProperty("check").GetString() == check).GetProperty("found").GetString()!;

    private static Task ExpectAsync(ICheck<ExaminedAccelerator> check, ExaminedAccelerator examined, string verdict, string found) => ExpectAsync(check, examined, Enum.Parse<Verdict>(verdict), found);

    private static async Task ExpectAsync(ICheck<ExaminedAccelerator> check, ExaminedAccelerator examined, Verdict verdict, string found)
    {
        Finding one = Assert.Single(await check.RunAsync(examined, TestContext.Current.CancellationToken));
        Assert.Contains(found, one.Found, StringComparison.Ordinal);
        Assert.True(verdict == one.Verdict, one.ToString());
        Assert.True(one.Advice is not null || verdict is Verdict.Ok or Verdict.Skipped, one.ToString());
    }
}

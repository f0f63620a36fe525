using System.Diagnostics;
using System.Text.RegularExpressions;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Packages;

/// <summary>The units of deploy/systemd as systemd's own tools see them; no test has a systemd that runs them.</summary>
public sealed partial class SystemdUnitTests
{
    private const string Server = "tarn.service", Accelerator = "tarn-accelerate.service";

    private static readonly string Folder = Path.Combine(RepositoryLayout.Root, "deploy", "systemd");

    [Fact]
    public void These_are_all_units() => Assert.Equal([Accelerator, Server], Directory.GetFiles(Folder, "*.service").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(Server)]
    [InlineData(Accelerator)]
    public async Task Its_exposure_is_what_its_comment_says(string name)
    {
        string unit = Path.Combine(Folder, name);
        string tool = InstalledPrograms.Need("systemd-analyze");
        string rated = (await HostProgram.RunAsync(tool, ["security", "--offline=true", "--no-pager", unit])).StandardOutput;
        string version = (await HostProgram.RunAsync(tool, ["--version"])).StandardOutput;
        Match said = Said().Match(await File.ReadAllTextAsync(unit));
        double exposure = NumberOf(Overall().Match(rated));

        // Another version of systemd knows other settings and weighs them otherwise.
        if (version.StartsWith($"systemd {said.Groups[2].Value} ", StringComparison.Ordinal))
        {
            Assert.Equal(NumberOf(said), exposure);
        }
        else
        {
            Assert.InRange(exposure, 0, 2.5);
        }
    }

    [Theory]
    [InlineData(Server)]
    [InlineData(Accelerator)]
    public async Task It_has_no_setting_that_systemd_does_not_know(string name)
    {
        string tool = InstalledPrograms.Need("systemd-analyze");
        using var directory = new TemporaryDirectory("unit");
        string unit = directory.PathOf(name);
        await File.WriteAllTextAsync(unit, (await File.ReadAllTextAsync(Path.Combine(Folder, name))).Replace("ExecStart=tarn ", "ExecStart=/bin/true ", StringComparison.Ordinal));
        ProgramResult verified = await HostProgram.RunAsync(tool, ["verify", "--man=no", unit]);
        Assert.DoesNotContain(name, verified.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_permits_the_system_calls_of_storing_reading_and_deleting_objects()
    {
        string tool = InstalledPrograms.Need("systemd-analyze");
        string strace = InstalledPrograms.Need("strace");
        using var directory = new TemporaryDirectory("calls");
        string trace = directory.PathOf("trace");
        await using (TarnServer server = await TarnServer.StartAsync(new TarnServerOptions
        {
            Shell = $"exec '{strace}' -D -f -qq -o '{trace}' \"$@\"",
            Environment = new Dictionary<string, string?> { ["DOTNET_EnableDiagnostics"] = "0" },
        }))
        {
            using var client = new RawS3Client(server.Endpoint);
            await client.CreateBucketAsync("traced");
            foreach (int size in (int[])[100, 3 * Content.MiB])
            {
                (await client.PutAsync("traced", $"{size}", Content.Of(size))).Expect();
                (await client.GetAsync("traced", $"{size}")).Expect();
                (await client.SendAsync(HttpMethod.Delete, "traced", $"{size}")).Expect();
            }

            await server.StopAsync();
        }

        await PermitsAsync(Server, tool, trace, "fdatasync");
    }

    [Fact]
    public async Task That_of_the_accelerator_permits_the_system_calls_of_caching_and_of_reading_what_is_cached()
    {
        string tool = InstalledPrograms.Need("systemd-analyze");
        string strace = InstalledPrograms.Need("strace");
        using var directory = new TemporaryDirectory("calls");
        string trace = directory.PathOf("trace");
        string listener = $"127.0.0.1:{FreePort.Next()}", s3 = $"127.0.0.1:{FreePort.Next()}";
        await using TarnServer server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--accelerators", listener] });
        string token = (await new TarnCommands(server).ReadAsync("accelerator", "token", "create", "traced")).GetProperty("token").GetString()!;
        var start = new ProcessStartInfo(
            strace,
            [
                "-D", "-f", "-qq", "-o", trace, "dotnet", RepositoryLayout.ServerAssembly, "accelerate", "--upstream", $"http://{listener}", "--cache", directory.PathOf("cache"), "--cache-size", "64MiB",
                "--s3", s3, "--peers", $"127.0.0.1:{FreePort.Next()}", "--metrics", $"127.0.0.1:{FreePort.Next()}",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TARN_TOKEN"] = token;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using (Process accelerator = Process.Start(start)!)
        {
            Task<string> log = accelerator.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            try
            {
                while (await accelerator.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && line != "Ready.")
                {
                }

                Task<string> rest = accelerator.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
                using var client = new RawS3Client(server.Endpoint with { S3 = new Uri($"http://{s3}/") });
                await client.CreateBucketAsync("traced");
                byte[] content = Content.Of(3 * Content.MiB);
                (await client.PutAsync("traced", "key", content)).Expect();
                for (string? cached = null; cached != "hit";)
                {
                    RawS3Response answer = (await client.GetAsync("traced", "key")).Expect();
                    Assert.Equal(content, answer.Body);
                    cached = answer.Header("x-tarn-cache");
                }

                PosixSignal.Terminate(accelerator);
                await accelerator.WaitForExitAsync(TestContext.Current.CancellationToken);
                Assert.True(accelerator.ExitCode == 0, await log);
                await rest;
            }
            finally
            {
                accelerator.Kill();
            }
        }

        await PermitsAsync(Accelerator, tool, trace, "preadv2");
    }

    /// <summary>A unit permits the calls of a trace, of which one shows that what was to be traced was.</summary>
    private static async Task PermitsAsync(string unit, string tool, string trace, string among)
    {
        string[] made = [.. Call().Matches(await File.ReadAllTextAsync(trace)).Select(match => match.Groups[1].Value).Distinct()];
        Assert.Contains(among, made);
        string sets = (await HostProgram.RunAsync(tool, ["syscall-filter", "--no-pager"])).StandardOutput;
        Assert.Empty(made.Except(Permitted(unit, sets)).Order());
    }

    /// <summary>The calls that the unit's filters permit: the sets and calls of lines are added, those of lines that begin with <c>~</c> are taken away again.</summary>
    private static HashSet<string> Permitted(string unit, string sets)
    {
        Dictionary<string, string[]> members = Set().Matches(sets).ToDictionary(
            match => match.Groups[1].Value,
            match => match.Groups[2].Value.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').ToArray());
        var permitted = new HashSet<string>(Expanded(["@default"]));
        foreach (string line in File.ReadAllLines(Path.Combine(Folder, unit)).Where(line => line.StartsWith("SystemCallFilter=", StringComparison.Ordinal)))
        {
            string value = line["SystemCallFilter=".Length..];
            IEnumerable<string> calls = Expanded(value.TrimStart('~').Split(' '));
            if (value[0] == '~')
            {
                permitted.ExceptWith(calls);
            }
            else
            {
                permitted.UnionWith(calls);
            }
        }

        return permitted;

        IEnumerable<string> Expanded(IEnumerable<string> names) => names.SelectMany(name => name[0] == '@' ? Expanded(members[name]) : [name]);
    }

    private static double NumberOf(Match match) => double.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"rates the exposure of this unit (\d+\.\d) of 10 \(systemd (\d+)\)")]
    private static partial Regex Said();

    [GeneratedRegex(@"Overall exposure level for [\w-]+\.service: (\d+\.\d)")]
    private static partial Regex Overall();

    [GeneratedRegex(@"^\d+ +([a-z]\w*)\(", RegexOptions.Multiline)]
    private static partial Regex Call();

    [GeneratedRegex(@"^(@[\w-]+)\n((?: +.*\n?)+)", RegexOptions.Multiline)]
    private static partial Regex Set();
}

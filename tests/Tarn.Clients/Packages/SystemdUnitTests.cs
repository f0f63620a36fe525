using System.Text.RegularExpressions;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Packages;

/// <summary>deploy/systemd/tarn.service as systemd's own tools see it; no test has a systemd that runs it.</summary>
public sealed partial class SystemdUnitTests
{
    private static readonly string Unit = Path.Combine(RepositoryLayout.Root, "deploy", "systemd", "tarn.service");

    [Fact]
    public async Task Its_exposure_is_what_its_comment_says()
    {
        string tool = InstalledPrograms.Need("systemd-analyze");
        string rated = (await HostProgram.RunAsync(tool, ["security", "--offline=true", "--no-pager", Unit])).StandardOutput;
        string version = (await HostProgram.RunAsync(tool, ["--version"])).StandardOutput;
        Match said = Said().Match(await File.ReadAllTextAsync(Unit));
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

    [Fact]
    public async Task It_has_no_setting_that_systemd_does_not_know()
    {
        string tool = InstalledPrograms.Need("systemd-analyze");
        using var directory = new TemporaryDirectory("unit");
        string unit = directory.PathOf("tarn.service");
        await File.WriteAllTextAsync(unit, (await File.ReadAllTextAsync(Unit)).Replace("ExecStart=tarn ", "ExecStart=/bin/true ", StringComparison.Ordinal));
        ProgramResult verified = await HostProgram.RunAsync(tool, ["verify", "--man=no", unit]);
        Assert.DoesNotContain("tarn.service", verified.StandardError, StringComparison.Ordinal);
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

        string[] made = [.. Call().Matches(await File.ReadAllTextAsync(trace)).Select(match => match.Groups[1].Value).Distinct()];
        Assert.Contains("fdatasync", made);
        string sets = (await HostProgram.RunAsync(tool, ["syscall-filter", "--no-pager"])).StandardOutput;
        Assert.Empty(made.Except(Permitted(sets)).Order());
    }

    /// <summary>The calls that the unit's filters permit: the sets and calls of lines are added, those of lines that begin with <c>~</c> are taken away again.</summary>
    private static HashSet<string> Permitted(string sets)
    {
        Dictionary<string, string[]> members = Set().Matches(sets).ToDictionary(
            match => match.Groups[1].Value,
            match => match.Groups[2].Value.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').ToArray());
        var permitted = new HashSet<string>(Expanded(["@default"]));
        foreach (string line in File.ReadAllLines(Unit).Where(line => line.StartsWith("SystemCallFilter=", StringComparison.Ordinal)))
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

    [GeneratedRegex(@"Overall exposure level for tarn\.service: (\d+\.\d)")]
    private static partial Regex Overall();

    [GeneratedRegex(@"^\d+ +([a-z]\w*)\(", RegexOptions.Multiline)]
    private static partial Regex Call();

    [GeneratedRegex(@"^(@[\w-]+)\n((?: +.*\n?)+)", RegexOptions.Multiline)]
    private static partial Regex Set();
}

using System.Text.Json;
using System.Text.RegularExpressions;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Servers;
using Tarn.Tests.Cli.Doctor;
using Tarn.Tests.Docs;

namespace Tarn.Tests.Deployment;

/// <summary>What the files in deploy/ say to the server: settings that it has, and never a root key of their own.</summary>
public sealed partial class DeployedSettingsTests
{
    private static readonly string[] Files =
        [.. Directory.EnumerateFiles(Path.Combine(Pages.Root, "deploy"), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Pages.Root, path)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> All => [.. Files];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_variable_that_a_file_names_is_a_setting(string file) =>
        Assert.Empty(Variable().Matches(Pages.Read(file)).Select(match => match.Value).Except(Settings.All.Concat(AcceleratorSettings.All).Select(setting => setting.Variable)));

    [Fact]
    public void The_files_that_set_variables_are_among_them() =>
        Assert.Superset(
            new HashSet<string>(["deploy/container/Containerfile", "deploy/container/compose.yaml", "deploy/helm/tarn/templates/accelerator-daemonset.yaml", "deploy/helm/tarn/templates/statefulset.yaml", "deploy/kubernetes/tarn.yaml", "deploy/systemd/tarn-accelerate.service", "deploy/systemd/tarn.service"]),
            Files.Where(file => Variable().IsMatch(Pages.Read(file))).ToHashSet());

    [Theory]
    [MemberData(nameof(All))]
    public void No_file_brings_a_root_key(string file) =>
        Assert.All(RootKey().Matches(Pages.Read(file)).Select(match => match.Groups["value"].Value), value => Assert.True(value == "…" || value.StartsWith("${TARN_ROOT_", StringComparison.Ordinal), value));

    [Theory]
    [InlineData("deploy/tarn.json", false)]
    [InlineData("deploy/accelerator.json", true)]
    public void A_file_of_settings_is_understood_with_every_line_that_is_commented_out(string file, bool isOfAccelerator)
    {
        using var directory = new TemporaryDirectory("settings");
        string path = directory.PathOf("settings.json");
        File.WriteAllText(path, CommentedOut().Replace(Pages.Read(file), "$1"));
        IReadOnlyList<Setting> all = isOfAccelerator ? AcceleratorSettings.All : Settings.All;
        SettingValues values = SettingValues.Collect(setting => setting == Settings.Config ? [path] : null, new Dictionary<string, string>(), all);
        foreach (Match member in Member().Matches(File.ReadAllText(path)))
        {
            Assert.NotNull(values.Find(all.Single(setting => setting.Name == member.Groups[1].Value)));
        }
    }

    [Fact]
    public void The_accelerators_file_needs_nothing_but_a_token()
    {
        using var directory = new TemporaryDirectory("settings");
        string path = directory.PathOf("accelerator.json"), token = directory.PathOf("token");
        File.WriteAllText(path, Pages.Read("deploy/accelerator.json"));
        File.WriteAllText(token, "token-of-tests\n");
        Examination.SetMode(token, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        AcceleratorOptions options = AcceleratorOptionsBinder.Bind(SettingValues.Collect(
            setting => setting == Settings.Config ? [path] : setting == AcceleratorSettings.TokenFile ? [token] : null, new Dictionary<string, string>(), AcceleratorSettings.All));
        Assert.Equal(("/var/cache/tarn", 100L << 30, "https://tarn.example.com:9100/", "127.0.0.1:9000"), (options.Cache, options.CacheSize, options.Upstream.AbsoluteUri, options.S3.ToString()));
    }

    [Fact]
    public void The_compose_file_refuses_to_start_without_a_root_key_and_its_container_can_change_nothing_but_its_volume()
    {
        var services = (IReadOnlyDictionary<string, object?>)ChartYaml.Read(Pages.Read("deploy/container/compose.yaml"))["services"]!;
        var service = (IReadOnlyDictionary<string, object?>)services["tarn"]!;
        var environment = (IReadOnlyDictionary<string, object?>)service["environment"]!;
        Assert.All((string[])["TARN_ROOT_ACCESS_KEY", "TARN_ROOT_SECRET_KEY"], name => Assert.StartsWith($"${{{name}:?", (string)environment[name]!, StringComparison.Ordinal));
        Assert.Equal(new Literal("true"), service["read_only"]);
        Assert.Equal(["ALL"], (IReadOnlyList<object?>)service["cap_drop"]!);
        Assert.Equal(["data:/var/lib/tarn"], (IReadOnlyList<object?>)service["volumes"]!);
        Assert.Contains("127.0.0.1:9001:9001", (IReadOnlyList<object?>)service["ports"]!);
    }

    [Fact]
    public async Task The_health_checks_are_a_command_of_the_program_and_right_for_a_server_that_is_ready()
    {
        var services = (IReadOnlyDictionary<string, object?>)ChartYaml.Read(Pages.Read("deploy/container/compose.yaml"))["services"]!;
        var check = (IReadOnlyDictionary<string, object?>)((IReadOnlyDictionary<string, object?>)services["tarn"]!)["healthcheck"]!;
        string[] composed = [.. ((IReadOnlyList<object?>)check["test"]!).Cast<string>()];
        string[] built = JsonSerializer.Deserialize<string[]>(HealthCheck().Match(Pages.Read("deploy/container/Containerfile")).Groups["command"].Value)!;
        Assert.Equal(["CMD", .. built], composed);
        Assert.Equal("/usr/bin/tarn", built[0]);

        await using InProcessServer server = await InProcessServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var variables = new Dictionary<string, string> { ["TARN_CONTROL"] = $":{new Uri(server.ControlUrl).Port}" };
        Assert.Equal(0, await CommandRunner.RunAsync(TarnCommand.Create(variables, TimeProvider.System), built[1..], TextWriter.Null, TextWriter.Null));
        server.Get<StoreHealth>().Fail();
        Assert.Equal(1, await CommandRunner.RunAsync(TarnCommand.Create(variables, TimeProvider.System), built[1..], TextWriter.Null, TextWriter.Null));
    }

    [GeneratedRegex(@"^  // (""[\w-]+"": .*)$", RegexOptions.Multiline)]
    private static partial Regex CommentedOut();

    [GeneratedRegex(@"^  ""([\w-]+)"":", RegexOptions.Multiline)]
    private static partial Regex Member();

    [GeneratedRegex(@"^HEALTHCHECK .*CMD (?<command>\[.*\])$", RegexOptions.Multiline)]
    private static partial Regex HealthCheck();

    // A name that ends with an underscore, or goes on with one, stands for several.
    [GeneratedRegex(@"\bTARN_[A-Z0-9_]*[A-Z0-9]\b")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?<!\{)TARN_ROOT_(?:ACCESS|SECRET)_KEY[:=] *(?<value>[^\s,]+)")]
    private static partial Regex RootKey();
}

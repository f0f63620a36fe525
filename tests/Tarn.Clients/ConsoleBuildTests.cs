using System.IO.Compression;
using System.Runtime.Versioning;
using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;
using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>When and how eng/build-console.sh builds, with programs in place of npm and Node.js that write down what is asked of them.</summary>
[SupportedOSPlatform("linux")]
public sealed class ConsoleBuildTests : IDisposable
{
    private const string Npm = """
        #!/usr/bin/env bash
        echo "npm NODE_ENV=${NODE_ENV-} $*" >>"$ASKED"
        if [[ $1 == ci ]]; then
          [[ -z ${NO_REGISTRY-} ]] || { echo "npm error code $NO_REGISTRY"; exit 1; }
          rm -rf node_modules && mkdir -p node_modules/.bin
          [[ ${NODE_ENV-} == production && "$*" != *--include=dev* ]] || touch node_modules/.bin/vite
          touch node_modules/.package-lock.json
        else
          [[ -z ${BROKEN-} && -e node_modules/.bin/vite ]] || { echo "vite: not found"; exit 127; }
          rm -rf dist && mkdir dist && cat src/* >dist/index.html
        fi
        """;

    private const string Node = """
        #!/usr/bin/env bash
        case $1 in
          --version) echo v20.0.0 ;;
          -e) exit "${OLD-0}" ;;
          scripts/pack.mjs) echo pack >>"$ASKED"; cat dist/index.html >"$2" ;;
        esac
        """;

    private readonly TemporaryDirectory _tree = new("console-build");
    private readonly Dictionary<string, string> _environment;

    public ConsoleBuildTests()
    {
        foreach (string directory in new[] { "eng", "bin", "console/src", "console/public", "console/scripts" })
        {
            Directory.CreateDirectory(_tree.PathOf(directory));
        }

        File.Copy(Path.Combine(RepositoryLayout.Root, "eng/build-console.sh"), Script);
        foreach (string name in new[] { "index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "src/a", "src/b", "public/icon", "scripts/pack.mjs" })
        {
            Write(name, name);
        }

        foreach ((string name, string text) in new[] { ("npm", Npm), ("node", Node) })
        {
            File.WriteAllText(_tree.PathOf($"bin/{name}"), text);
            File.SetUnixFileMode(_tree.PathOf($"bin/{name}"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        _environment = new() { ["PATH"] = $"{_tree.PathOf("bin")}:{Environment.GetEnvironmentVariable("PATH")}", ["ASKED"] = _tree.PathOf("asked"), ["NODE_ENV"] = "" };
    }

    private string Script => _tree.PathOf("eng/build-console.sh");

    private string Archive => _tree.PathOf("artifacts/obj/console/console.zip");

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task It_builds_when_names_or_contents_have_changed_and_only_then()
    {
        await BuildAsync(builds: true);
        await BuildAsync(builds: false);
        File.SetLastWriteTimeUtc(_tree.PathOf("console/src/a"), DateTime.UtcNow.AddHours(1));
        await BuildAsync(builds: false);
        (string What, Action Change)[] changes =
        [
            ("another content", () => Write("src/a", "other")),
            ("the same length and an old time", () =>
            {
                Write("src/a", "ohter");
                File.SetLastWriteTimeUtc(_tree.PathOf("console/src/a"), DateTime.UnixEpoch.AddYears(10));
            }),
            ("a new file", () => Write("src/c", "")),
            ("a file that is gone", () => File.Delete(_tree.PathOf("console/src/c"))),
            ("another name", () => File.Move(_tree.PathOf("console/src/b"), _tree.PathOf("console/src/d"))),
            ("another script", () => File.AppendAllText(Script, "# changed\n")),
            ("an archive that is gone", () => File.Delete(Archive)),
            ("other settings", () => Write("vite.config.ts", "other")),
        ];
        foreach ((string what, Action change) in changes)
        {
            change();
            await BuildAsync(builds: true, what);
            await BuildAsync(builds: false, what);
        }

        Assert.Equal("ohter" + "src/b", await File.ReadAllTextAsync(Archive, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Of_many_at_once_one_builds()
    {
        ProgramResult[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RunAsync()));
        Assert.All(results, static result => Assert.Equal(0, result.ExitCode));
        Assert.Equal(["ci", "run", "pack"], Asked().Select(static line => line == "pack" ? line : line.Split(' ')[2]));
        Assert.Equal("src/asrc/b", await File.ReadAllTextAsync(Archive, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("production")]
    [InlineData("development")]
    public async Task Whatever_node_env_says_what_builds_is_installed_and_what_is_built_is_for_use(string environment)
    {
        _environment["NODE_ENV"] = environment;
        await BuildAsync(builds: true);
        Assert.Contains(Asked(), static line => line.StartsWith("npm NODE_ENV=production run build", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Packages_that_were_installed_without_what_builds_are_installed_again()
    {
        Directory.CreateDirectory(_tree.PathOf("console/node_modules"));
        Write("node_modules/.package-lock.json", "");
        File.SetLastWriteTimeUtc(_tree.PathOf("console/node_modules/.package-lock.json"), DateTime.UtcNow.AddHours(1));
        await BuildAsync(builds: true);
        Assert.Contains(Asked(), static line => line.Contains(" ci ", StringComparison.Ordinal));
        Write("src/a", "other");
        await BuildAsync(builds: true);
        Assert.Single(Asked(), static line => line.Contains(" ci ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("NO_REGISTRY", "ECONNREFUSED", 3, "npm ci failed: npm error code ECONNREFUSED")]
    [InlineData("NO_REGISTRY", "EUSAGE", 1, "npm error code EUSAGE")]
    [InlineData("OLD", "1", 3, "Node.js v20.0.0 cannot build the console, which needs 20.19, 22.12 or later")]
    [InlineData("BROKEN", "1", 1, "vite: not found")]
    public async Task What_cannot_be_had_is_told_from_what_is_wrong_and_nothing_old_is_kept(string variable, string value, int code, string says)
    {
        await BuildAsync(builds: true);
        Write("package-lock.json", "other");
        File.SetLastWriteTimeUtc(_tree.PathOf("console/package-lock.json"), DateTime.UtcNow.AddHours(1));
        _environment[variable] = value;
        ProgramResult result = await RunAsync();
        Assert.Equal((code, says), (result.ExitCode, result.StandardOutput.Trim()));
        Assert.Equal(code == 3, !File.Exists(Archive));
        _environment.Remove(variable);
        await BuildAsync(builds: true);
    }

    [Fact]
    public async Task What_is_packed_is_what_was_built_with_the_licences_of_its_parts()
    {
        ConsoleBuild.Need();
        string archive = _tree.PathOf("real.zip");
        await HostProgram.RunAsync("node", [Path.Combine(ConsoleBuild.Folder, "scripts/pack.mjs"), archive]);
        string dist = Path.Combine(ConsoleBuild.Folder, "dist");
        using ZipArchive packed = ZipFile.OpenRead(archive);
        Assert.Equal(
            Directory.GetFiles(dist, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(dist, path)).Order(StringComparer.Ordinal),
            packed.Entries.Select(static entry => entry.FullName).Order(StringComparer.Ordinal));
        foreach (ZipArchiveEntry entry in packed.Entries)
        {
            using var content = new MemoryStream();
            using (Stream stream = entry.Open()) // which verifies the checksum at its end
            {
                stream.CopyTo(content);
            }

            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(dist, entry.FullName), TestContext.Current.CancellationToken), content.ToArray());
        }

        string licences = await File.ReadAllTextAsync(Path.Combine(dist, "licenses.txt"), TestContext.Current.CancellationToken);
        Assert.All((string[])["react 19", "@mantine/core 9", "@tanstack/react-query 5", "react-markdown 10"], package => Assert.Contains($"\n{package}", licences, StringComparison.Ordinal));
        Assert.DoesNotContain("\nvitest ", licences, StringComparison.Ordinal);
        Assert.Contains("Permission is hereby granted, free of charge", licences, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    [InlineData("other")]
    public async Task A_console_from_elsewhere_that_is_none_ends_the_build(string directory)
    {
        Directory.CreateDirectory(_tree.PathOf("empty"));
        Directory.CreateDirectory(_tree.PathOf("other/assets"));
        string intermediate = _tree.PathOf("obj/");
        ProgramResult result = await MsBuildAsync(directory, intermediate);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains($"TarnConsoleDist: {_tree.PathOf(directory)} is not a console that was built", result.StandardOutput, StringComparison.Ordinal);
        Assert.False(Directory.Exists(intermediate));
    }

    [Fact]
    public async Task A_console_from_elsewhere_is_taken_as_it_is_whatever_its_times()
    {
        Directory.CreateDirectory(_tree.PathOf("dist"));
        string page = _tree.PathOf("dist/index.html");
        foreach (string version in new[] { "one", "two" })
        {
            await File.WriteAllTextAsync(page, version, TestContext.Current.CancellationToken);
            File.SetLastWriteTimeUtc(page, DateTime.UnixEpoch.AddYears(10));
            ProgramResult result = await MsBuildAsync("dist", _tree.PathOf("obj/"));
            Assert.True(result.ExitCode == 0, result.StandardOutput);
            using ZipArchive packed = ZipFile.OpenRead(_tree.PathOf("obj/console.zip"));
            using var reader = new StreamReader(packed.GetEntry("index.html")!.Open());
            Assert.Equal(version, await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        }
    }

    private Task<ProgramResult> MsBuildAsync(string dist, string intermediate) => HostProgram.TryRunAsync(
        "dotnet",
        [
            "msbuild", "src/Tarn.Server/Tarn.Server.csproj", "-nologo", "-nodeReuse:false", "-t:BuildConsole", "-p:Configuration=Release", "-p:TarnConsole=required", $"-p:TarnConsoleDist={_tree.PathOf(dist)}",
            $"-p:IntermediateOutputPath={intermediate}",
        ]);

    private async Task BuildAsync(bool builds, string what = "")
    {
        int before = Asked().Count(static line => line == "pack");
        ProgramResult result = await RunAsync();
        Assert.True(result.ExitCode == 0, $"{what}: {result.StandardOutput} {result.StandardError}");
        Assert.True(builds == Asked().Count(static line => line == "pack") > before, what);
    }

    private string[] Asked() => File.Exists(_tree.PathOf("asked")) ? File.ReadAllLines(_tree.PathOf("asked")) : [];

    private Task<ProgramResult> RunAsync() => HostProgram.TryRunAsync("bash", [Script], _environment);

    private void Write(string name, string text) => File.WriteAllText(_tree.PathOf($"console/{name}"), text);
}

using System.Diagnostics;
using System.Runtime.Versioning;
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Completion;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Cli;

/// <summary>Completion of command lines: the candidates, and the scripts in the shells that are installed.</summary>
[SupportedOSPlatform("linux")]
public sealed class CompletionTests
{
    /// <summary>What asks each shell for candidates, a line for each question: the last one is whether a program of the current directory is completed as well.</summary>
    private static readonly Dictionary<string, string> Asking = new()
    {
        ["bash"] = """
            ask() {
              COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
              $(complete -p tarn | sed 's/.*-F \([^ ]*\).*/\1/') "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
              (IFS='|'; echo "${COMPREPLY[*]}")
            }
            ask tarn bucket s
            ask tarn bucket samples photos --step ''
            ask tarn bucket apply photos sett
            ask tarn bucket samples photos --step = d
            ask tarn bucket show photos --js
            ask ./here/tarn bucket s
            complete -p ./tarn 2>/dev/null || echo none

            """,

        // Its completion needs a terminal: the functions that it offers what is found to stand in.
        ["zsh"] = """
            compadd() { [[ "$*" == "-a candidates" ]] && print -r -- "${(j:|:)candidates}" }
            _files() { print -r -- ${words[CURRENT]}*(N) }
            ask() { words=("$@"); CURRENT=$#words; ${_comps[tarn]} }
            ask tarn bucket s
            ask tarn bucket samples photos --step ''
            ask tarn bucket apply photos sett
            ask tarn bucket samples photos --step=d
            ask tarn bucket show photos --js
            ask ./here/tarn bucket s
            print -r -- ${_comps[./tarn]:-none}

            """,
        ["fish"] = """
            function ask
              complete -C "$argv" | string replace -r '\t.*' '' | string join '|'
            end
            ask 'tarn bucket s'
            ask 'tarn bucket samples photos --step '
            ask 'tarn bucket apply photos sett'
            ask 'tarn bucket samples photos --step=d'
            ask 'tarn bucket show photos --js'
            ask './here/tarn bucket s'
            complete | string match -q -- '*./tarn*'; or echo none

            """,
    };

    [Theory]
    [InlineData("bucket", "bu")]
    [InlineData("list show samples export apply recount", "bucket", "")]
    [InlineData("samples show", "bucket", "s")]
    [InlineData("--step", "bucket", "samples", "photos", "--st")]
    [InlineData("hour day", "bucket", "samples", "photos", "--step", "")]
    [InlineData("hour", "bucket", "samples", "photos", "--step", "=", "h")]
    [InlineData("--step=hour --step=day", "bucket", "samples", "photos", "--step=")]
    [InlineData("--step=hour", "bucket", "samples", "photos", "--step=h")]
    [InlineData("", "bucket", "samples", "photos", "--json=")]
    [InlineData("", "serve", "--data=x")]
    [InlineData("--json --endpoint", "bucket", "samples", "photos", "--step", "day", "--from", "x", "--to", "x", "--")]
    [InlineData("--endpoint", "bucket", "--json", "list", "--e")]
    [InlineData("on off", "disk", "growing-files", "logs", "")]
    [InlineData("on off", "disk", "set", "logs", "--write", "")]
    [InlineData("", "disk", "set", "logs", "")]
    [InlineData("delete", "job", "start", "d")]
    [InlineData("delete", "job", "start", "--prefix", "x", "d")]
    [InlineData("markers all", "job", "start", "delete", "photos", "--versions", "")]
    [InlineData(":files", "bucket", "apply", "photos", "")]
    [InlineData(":files", "bucket", "apply", "photos", "a.json", "b")]
    [InlineData(":directories", "bucket", "export", "photos", "--dir", "x")]
    [InlineData(":directories", "serve", "--data", "")]
    [InlineData("full relaxed", "serve", "--durability", "")]
    [InlineData("bash zsh fish", "completion", "")]
    [InlineData("create list revoke", "disk", "share", "")]
    [InlineData("", "nonsense", "")]
    [InlineData("completion", "comp")]
    [InlineData("", "bucket", "show", "photos", "")]
    [InlineData("", "bucket", "show", "--", "--")]
    public void The_candidates(string expected, params string[] words)
    {
        IReadOnlyList<string> found = CompletionCandidates.Of(TarnCommand.Create(new Dictionary<string, string>(), TimeProvider.System), words[..^1], words[^1]);
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), found.Where(static word => word is not "--help").Order());
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task A_shell_completes_nouns_verbs_options_values_and_files(string shell)
    {
        Assert.SkipUnless(IsInstalled(shell), $"{shell} is not installed");
        using var directory = new TemporaryDirectory("completion");
        string program = Path.Combine(AppContext.BaseDirectory, "tarn.dll");
        Program(directory.PathOf("tarn"), $"#!/bin/sh\nexec dotnet '{program}' \"$@\"\n");
        Program(directory.PathOf("settings file.json"), "{}");

        // A program of the current directory is not run because somebody presses tab there.
        Directory.CreateDirectory(directory.PathOf("here"));
        Program(directory.PathOf("here/tarn"), "#!/bin/sh\necho another\n");
        string script = directory.PathOf("asking");
        await File.WriteAllTextAsync(script, (shell == "zsh" ? "autoload -Uz compinit; compinit -u -D\n" : "") + CompletionScripts.Find(shell) + Asking[shell], TestContext.Current.CancellationToken);
        string[] plain = shell switch { "bash" => ["--norc"], "zsh" => ["-f"], _ => ["--no-config"] };
        var start = new ProcessStartInfo(shell, [.. plain, script]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory.FullPath };
        start.Environment["PATH"] = $"{directory.FullPath}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["HOME"] = directory.FullPath;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", await error);
        Assert.Equal(
            ["samples|show", "day|hour", "settings file.json", shell == "bash" ? "day" : "--step=day", "--json", "samples|show", "none"],
            output.TrimEnd('\n').Split('\n').Select(static line => string.Join('|', line.Split('|').Order())));
    }

    [Theory]
    [InlineData("bash", "-n")]
    [InlineData("zsh", "-n")]
    [InlineData("fish", "--no-execute")]
    public async Task A_script_is_one_that_its_shell_can_read(string shell, string check)
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(0, await CommandRunner.RunAsync(TarnCommand.Create(new Dictionary<string, string>(), TimeProvider.System), ["completion", shell], output, error));
        Assert.Equal(CompletionScripts.Find(shell), output.ToString());
        Assert.SkipUnless(IsInstalled(shell), $"{shell} is not installed");
        using var directory = new TemporaryDirectory("completion");
        await File.WriteAllTextAsync(directory.PathOf("script"), output.ToString(), TestContext.Current.CancellationToken);
        using Process process = Process.Start(shell, [check, directory.PathOf("script")]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Another_shell_is_refused()
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(1, await CommandRunner.RunAsync(TarnCommand.Create(new Dictionary<string, string>(), TimeProvider.System), ["completion", "csh"], output, error));
        Assert.Equal("tarn: 'csh' is none of bash, zsh, fish\n", error.ToString());
    }

    private static bool IsInstalled(string shell) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, shell)));

    private static void Program(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}

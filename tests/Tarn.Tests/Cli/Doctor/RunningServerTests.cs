using System.CommandLine;
using System.Globalization;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Doctor;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Cli.Doctor;

/// <summary><c>tarn doctor</c> beside a running server: its flags count, so that what the server has is examined.</summary>
public sealed class RunningServerTests : IDisposable
{
    private const string Documented = "/etc/tarn/tarn.json";

    private readonly TemporaryDirectory _directory = new("doctor");
    private readonly Dictionary<string, string> _variables = [];

    public RunningServerTests() => Directory.CreateDirectory(Data);

    private string Data => _directory.PathOf("data");

    private string Work => _directory.PathOf("work");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_documented_command_finds_nothing_wrong_beside_the_unit_that_is_shipped()
    {
        string unit = File.ReadLines(Path.Combine(RepositoryLayout.Root, "deploy", "systemd", "tarn.service")).Single(static line => line.StartsWith("ExecStart=", StringComparison.Ordinal));
        string documented = File.ReadLines(Path.Combine(RepositoryLayout.Root, "docs", "reference", "cli.md")).Single(static line => line.Contains("/usr/bin/tarn doctor --config ", StringComparison.Ordinal));
        string config = _directory.PathOf("tarn.json");
        File.WriteAllText(config, $$"""{ "data": "{{Data}}" }""");
        Run(Arguments(unit["ExecStart=".Length..]));
        (Examined seen, Finding found) = await ExamineAsync([.. Arguments(documented).SkipWhile(static argument => argument != "doctor").Skip(1)]);
        Assert.Equal((Verdict.Ok, true, TimeSpan.FromSeconds(5)), (found.Verdict, seen.Options!.ExpectData, seen.Options.DrainDelay));
        Assert.EndsWith("; with --expect-data --drain-delay 5, the flags of the server that runs (process 4711)", found.Found, StringComparison.Ordinal);

        string[] Arguments(string line) => line.Replace(Documented, config, StringComparison.Ordinal).Split(' ');
    }

    [Fact]
    public async Task Own_flags_win_over_the_servers_and_those_over_the_environment()
    {
        _variables["TARN_REGION"] = "us-west-1";
        _variables["TARN_DRAIN_DELAY"] = "7";
        Run(["dotnet", "/opt/tarn.dll", "serve", "--data", "elsewhere", "--region", "eu-west-1", "--drain-delay", "9", "--domain", "b.example", "--domain", "a.example", "--proxy-protocol", "false"]);
        (Examined seen, Finding found) = await ExamineAsync("--data", Data, "--region", "eu-west-2");
        Assert.Equal((Data, Data, "eu-west-2", TimeSpan.FromSeconds(9), 4711), (seen.Data, seen.Options!.Data, seen.Options.Region, seen.Options.DrainDelay, seen.Server));
        Assert.Equal(["b.example", "a.example"], seen.Options.Domains);
        Assert.Contains("; with --domain b.example a.example --proxy-protocol false --drain-delay 9, the flags", found.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Paths_of_its_flags_are_those_of_its_working_directory()
    {
        Directory.CreateDirectory(Work);
        File.WriteAllText(Path.Combine(Work, "tarn.json"), """{ "region": "eu-west-3" }""");
        Run(["tarn", "serve", "--config", "tarn.json", "--mirror", "../mirror/", "--backup-root", "backups", "--backup-root", "s3://bucket/prefix", "--access-log", "-", "--audit-log", "/var/log/audit"], Work);
        (Examined seen, _) = await ExamineAsync("--data", Data);
        Assert.Null(seen.ServerFlagsProblem);
        Assert.Equal(("eu-west-3", _directory.PathOf("mirror"), "-", "/var/log/audit"), (seen.Options!.Region, seen.Options.Mirror!.TrimEnd('/'), seen.Options.AccessLog, seen.Options.AuditLog));
        Assert.Equal([Path.Combine(Work, "backups"), "s3://bucket/prefix"], seen.Options.BackupRoots);
    }

    [Theory]
    [InlineData("tarn serve --of-another-version 3", "this version does not know all of them")]
    [InlineData("tarn serve --region eu-west-1 --mirror mirror", "--mirror is relative to a directory that this user may not see")]
    [InlineData("tarn serve --region eu-west-1 --config /nowhere/tarn.json", "/nowhere/tarn.json")]
    public async Task Flags_that_cannot_be_taken_are_said_and_the_others_are_examined(string server, string problem)
    {
        Run(server.Split(' '));
        (Examined seen, Finding found) = await ExamineAsync("--data", Data);
        Assert.Equal((Verdict.Warning, "us-east-1"), (found.Verdict, seen.Options!.Region));
        Assert.Contains(problem, found.Found, StringComparison.Ordinal);
        Assert.Empty(seen.ServerFlags);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tarn serve --data x")]
    [InlineData("python3 something --region eu-west-1")]
    public async Task A_process_without_such_flags_changes_nothing(string server)
    {
        Run(server.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        (Examined seen, Finding found) = await ExamineAsync("--data", Data);
        Assert.Equal((Verdict.Ok, 4711, "us-east-1"), (found.Verdict, seen.Server, seen.Options!.Region));
        Assert.DoesNotContain("flags", found.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernel_tells_arguments_and_the_working_directory()
    {
        Run(["tarn", "serve", "--domain", ""], Work);
        var proc = new ProcFiles(_directory.PathOf("proc"));
        Assert.Equal(["tarn", "serve", "--domain", ""], proc.ArgumentsOf(4711));
        Assert.Equal(Work, proc.DirectoryOf(4711));
        Assert.Empty(proc.ArgumentsOf(4712));
        Assert.Null(proc.DirectoryOf(4712));
        Assert.Equal(Environment.CurrentDirectory, new ProcFiles("/proc").DirectoryOf(Environment.ProcessId));
    }

    /// <summary>Lets a process run on the data directory.</summary>
    private void Run(string[] arguments, string? work = null)
    {
        string file = Path.Combine(Data, "tarn.lock"), process = _directory.PathOf("proc", "4711");
        File.WriteAllText(file, "");
        Directory.CreateDirectory(process);
        FileFacts facts = FileFacts.Find(file)!.Value;
        File.WriteAllText(_directory.PathOf("proc", "locks"), string.Create(CultureInfo.InvariantCulture, $"1: FLOCK  ADVISORY  WRITE 4711 {facts.Major:x2}:{facts.Minor:x2}:{facts.Inode} 0 EOF\n"));
        File.WriteAllText(Path.Combine(process, "cmdline"), string.Concat(arguments.Select(static argument => argument + '\0')));
        if (work is not null)
        {
            File.CreateSymbolicLink(Path.Combine(process, "cwd"), work);
        }
    }

    /// <summary>What is examined, and what the check of settings finds.</summary>
    private async Task<(Examined Seen, Finding Found)> ExamineAsync(params string[] args)
    {
        var check = new Seeing();
        using var error = new StringWriter();
        var root = new RootCommand { DoctorCommand.Create(_variables, TimeProvider.System, new ProcFiles(_directory.PathOf("proc")), [check]) };
        Assert.Equal(0, await CommandRunner.RunAsync(root, ["doctor", .. args], TextWriter.Null, error));
        Assert.Equal("", error.ToString());
        return (check.Examined!, Assert.Single(await new SettingsCheck().RunAsync(check.Examined!, TestContext.Current.CancellationToken)));
    }

    private sealed class Seeing : ICheck
    {
        public string Name => "seeing";

        public Examined? Examined { get; private set; }

        public Task<IReadOnlyList<Finding>> RunAsync(Examined examined, CancellationToken cancellationToken)
        {
            Examined = examined;
            return Task.FromResult<IReadOnlyList<Finding>>([Finding.Ok("seen")]);
        }
    }
}

using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Doctor;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Storage;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Cli.Doctor;

/// <summary>What <c>tarn doctor</c> prints, its exit code, and that it changes nothing.</summary>
public sealed class DoctorCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new("doctor");
    private readonly Dictionary<string, string> _variables = [];
    private readonly ProcFiles _proc = new("/proc");

    private string Data => _directory.PathOf("data");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_is_found_is_a_line_each_with_what_to_do_below()
    {
        (int code, string text) = await RunAsync([Found("disk", Finding.Ok("fine")), Found("clock", Finding.Warning("late", "set it"), Finding.Skipped("unknown"))]);
        Assert.Equal(0, code);
        Assert.Equal("ok       disk   fine\nwarning  clock  late\n                > set it\n-        clock  unknown\n0 problems, 1 warning\n", text);
    }

    [Fact]
    public async Task A_problem_is_the_exit_code_and_what_others_chose_is_escaped()
    {
        (int code, string text) = await RunAsync([Found("disk", Finding.Problem("\u001b[31mred\nline", "mend it"))]);
        Assert.Equal(1, code);
        Assert.Equal("PROBLEM  disk  \\u001b[31mred line\n               > mend it\n1 problem, 0 warnings\n", text);
    }

    [Fact]
    public async Task The_same_is_one_JSON_document()
    {
        (int code, string text) = await RunAsync([Found("disk", Finding.Problem("broken", "mend it"), Finding.Ok("fine"))], "--json");
        Assert.Equal(1, code);
        using JsonDocument json = JsonDocument.Parse(text);
        Assert.Equal(1, json.RootElement.GetProperty("problems").GetInt32());
        Assert.Equal(
            """[{"check":"disk","verdict":"problem","found":"broken","advice":"mend it"},{"check":"disk","verdict":"ok","found":"fine"}]""",
            JsonSerializer.Serialize(json.RootElement.GetProperty("findings")));
    }

    [Fact]
    public async Task A_check_that_fails_is_a_finding_and_the_others_go_on()
    {
        (int code, string text) = await RunAsync([new Failing(new IOException("Input/output error")), new Failing(new UnauthorizedAccessException("no access")), Found("last", Finding.Ok("fine"))]);
        Assert.Equal(1, code);
        Assert.Contains("PROBLEM  failing  it cannot be looked at: Input/output error", text, StringComparison.Ordinal);
        Assert.Contains("warning  failing  it cannot be looked at: no access", text, StringComparison.Ordinal);
        Assert.Contains("ok       last     fine", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_failure_of_a_check_is_a_finding_and_the_others_go_on()
    {
        (int code, string text) = await RunAsync([new Failing(new InvalidOperationException("odd")), new Failing(new TaskCanceledException("late")), Found("last", Finding.Ok("fine"))]);
        Assert.Equal(1, code);
        Assert.Contains("PROBLEM  failing  it cannot be looked at: InvalidOperationException: odd", text, StringComparison.Ordinal);
        Assert.Contains("PROBLEM  failing  it cannot be looked at: TaskCanceledException: late", text, StringComparison.Ordinal);
        Assert.Contains("ok       last     fine", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_found_is_printed_before_the_next_check_which_may_never_end()
    {
        var time = new FakeTimeProvider();
        using var output = new StringWriter();
        var hangs = new TaskCompletionSource<string>();
        var root = new RootCommand { DoctorCommand.Create(_variables, time, _proc, [Found("disk", Finding.Ok("fine")), new Hanging(() => hangs.SetResult(output.ToString()))]) };
        Task<int> run = CommandRunner.RunAsync(root, ["doctor"], output, TextWriter.Null);
        string before = await hangs.Task;
        while (!run.IsCompleted)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        Assert.Equal(1, await run);
        Assert.Equal("ok       disk     fine\n", before);
        Assert.Contains("PROBLEM  hanging  it did not end within 2 minutes", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_only_an_unreadable_configuration_file_names_is_not_guessed()
    {
        string file = _directory.PathOf("tarn.json");
        File.WriteAllText(file, $$"""{ "data": "{{Data}}", "regoin": "eu-west-1" }""");
        using var error = new StringWriter();
        var root = new RootCommand { DoctorCommand.Create(_variables, TimeProvider.System, _proc, [Found("disk", Finding.Ok("fine"))]) };
        Assert.Equal(1, await CommandRunner.RunAsync(root, ["doctor", "--config", file], TextWriter.Null, error));
        Assert.Contains("unknown key 'regoin'. With that the data directory is not known", error.ToString(), StringComparison.Ordinal);
        File.WriteAllText(file, $$"""{ "data": "{{Data}}", "region": "not a region" }""");
        Examined? seen = null;
        await RunAsync([new Seeing(examined => seen = examined)], "--config", file);
        Assert.Equal((Data, null), (seen!.Data, seen.Options));
    }

    [Fact]
    public async Task Wrong_settings_are_a_problem_and_the_data_directory_is_examined_all_the_same()
    {
        _variables["TARN_BUCKT"] = "x";
        _variables["TARN_DATA"] = Data;
        Examined? seen = null;
        (int code, string text) = await RunAsync([new SettingsCheck(), new Seeing(examined => seen = examined)]);
        Assert.Equal(1, code);
        Assert.Contains("unknown variable 'TARN_BUCKT'", text, StringComparison.Ordinal);
        Assert.Equal((Data, null), (seen!.Data, seen.Options));
    }

    [Fact]
    public async Task The_flags_win_over_the_environment()
    {
        string file = _directory.PathOf("tarn.json");
        File.WriteAllText(file, $$"""{ "data": "{{_directory.PathOf("other")}}", "region": "eu-west-1" }""");
        _variables["TARN_CONTROL"] = "127.0.0.1:7001";
        Examined? seen = null;
        await RunAsync([new Seeing(examined => seen = examined)], "--config", file, "--data", Data, "--url", "https://s3.example.com/path");
        Assert.Equal((Data, "eu-west-1", "http://127.0.0.1:7001/", "https://s3.example.com/path"), (seen!.Data, seen.Options!.Region, seen.Control!.AbsoluteUri, seen.Public!.AbsoluteUri));
    }

    [Fact]
    public async Task Every_flag_of_serve_counts()
    {
        _variables["TARN_REGION"] = "eu-west-1";
        Examined? seen = null;
        await RunAsync([new Seeing(examined => seen = examined)], "--data", Data, "--region", "us-west-2", "--control", "127.0.0.1:7002", "--expect-data", "--domain", "a.example", "--domain", "b.example");
        Assert.Equal(("us-west-2", "http://127.0.0.1:7002/", true), (seen!.Options!.Region, seen.Control!.AbsoluteUri, seen.Options.ExpectData));
        Assert.Equal(["a.example", "b.example"], seen.Options.Domains);
    }

    [Fact]
    public async Task Nothing_in_a_data_directory_is_changed_and_a_server_starts_meanwhile()
    {
        DataDirectory.Open(Data, SystemRandomSource.Instance).Dispose();
        (string Path, DateTime Written)[] before = Content();
        await RunAsync([.. AllChecks.Create(), new Seeing(_ => DataDirectory.Open(Data, SystemRandomSource.Instance).Dispose())], "--data", Data);
        await RunAsync(AllChecks.Create(), "--data", Data);

        // The lock's file has the process id of the server that had it last.
        Assert.Equal(before.Where(static entry => !entry.Path.EndsWith("tarn.lock", StringComparison.Ordinal)), Content().Where(static entry => !entry.Path.EndsWith("tarn.lock", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_check_is_asked()
    {
        Type[] written = [.. typeof(ICheck).Assembly.GetTypes().Where(static type => type.IsAssignableTo(typeof(ICheck)) && !type.IsAbstract).OrderBy(static type => type.Name, StringComparer.Ordinal)];
        Assert.Equal(written, AllChecks.Create().Select(static check => check.GetType()).OrderBy(static type => type.Name, StringComparer.Ordinal));
    }

    private static Fixed Found(string name, params Finding[] findings) => new(name, findings);

    private (string Path, DateTime Written)[] Content() =>
        [.. Directory.EnumerateFileSystemEntries(Data, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(static path => (path, File.GetLastWriteTimeUtc(path)))];

    private async Task<(int Code, string Output)> RunAsync(IReadOnlyList<ICheck> checks, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var root = new RootCommand { DoctorCommand.Create(_variables, TimeProvider.System, _proc, checks) };
        int code = await CommandRunner.RunAsync(root, ["doctor", .. args], output, error);
        Assert.Equal("", error.ToString());
        return (code, output.ToString());
    }

    private sealed class Fixed(string name, Finding[] findings) : ICheck
    {
        public string Name => name;

        public Task<IReadOnlyList<Finding>> RunAsync(Examined examined, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private sealed class Failing(Exception failure) : ICheck
    {
        public string Name => "failing";

        public Task<IReadOnlyList<Finding>> RunAsync(Examined examined, CancellationToken cancellationToken) => throw failure;
    }

    private sealed class Hanging(Action began) : ICheck
    {
        public string Name => "hanging";

        public Task<IReadOnlyList<Finding>> RunAsync(Examined examined, CancellationToken cancellationToken)
        {
            began();
            return new TaskCompletionSource<IReadOnlyList<Finding>>().Task;
        }
    }

    private sealed class Seeing(Action<Examined> see) : ICheck
    {
        public string Name => "seeing";

        public Task<IReadOnlyList<Finding>> RunAsync(Examined examined, CancellationToken cancellationToken)
        {
            see(examined);
            return Task.FromResult<IReadOnlyList<Finding>>([Finding.Ok("seen")]);
        }
    }
}

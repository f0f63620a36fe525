using Tarn.Server.Cli.Doctor.Checks;
using Tarn.TestKit.Servers;
using Tarn.Tests.Server;

namespace Tarn.Tests.Cli.Doctor;

/// <summary>A directory, settings and a kernel as a test wants them, for one check.</summary>
internal sealed class Examination : IDisposable
{
    private readonly TemporaryDirectory _directory = new("doctor");

    public Examination() => Examined = new Examined { Data = _directory.PathOf("data"), Options = Bound.From(new() { ["--data"] = [_directory.PathOf("data")] }), Proc = new ProcFiles(_directory.PathOf("proc")) };

    public Examined Examined { get; set; }

    public string PathOf(string name) => _directory.PathOf(name);

    /// <summary>Gives the settings, as flags and variables.</summary>
    public void Set(Dictionary<string, string[]> flags, Dictionary<string, string>? variables = null)
    {
        flags["--data"] = [Examined.Data];
        Examined = Examined with { Options = Bound.From(flags, variables) };
    }

    /// <summary>Lets the kernel tell something.</summary>
    public void Tell(string file, string text)
    {
        string path = _directory.PathOf("proc", file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    public Task<IReadOnlyList<Finding>> RunAsync(ICheck check) => check.RunAsync(Examined, TestContext.Current.CancellationToken);

    /// <summary>Expects one finding, with this verdict and this in its text; what is not right says what to do.</summary>
    public async Task ExpectAsync(ICheck check, Verdict verdict, string found)
    {
        IReadOnlyList<Finding> findings = await RunAsync(check);
        Finding one = Assert.Single(findings);
        Expect(one, verdict, found);
    }

    /// <summary>Expects a finding among others.</summary>
    public async Task ExpectAmongAsync(ICheck check, Verdict verdict, string found) =>
        Expect(Assert.Single(await RunAsync(check), finding => finding.Found.Contains(found, StringComparison.Ordinal)), verdict, found);

    public void Dispose() => _directory.Dispose();

    private static void Expect(Finding finding, Verdict verdict, string found)
    {
        Assert.Contains(found, finding.Found, StringComparison.Ordinal);
        Assert.True(verdict == finding.Verdict, finding.ToString());
        Assert.True(finding.Advice is not null || verdict is Verdict.Ok or Verdict.Skipped, finding.ToString());
    }
}

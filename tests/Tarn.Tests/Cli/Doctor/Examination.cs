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

    /// <summary>Lets something listen on an address as <c>/proc/net/tcp</c> writes it, by the socket of this number.</summary>
    public void Listen(string address, int socket = 1)
    {
        string file = _directory.PathOf("proc", "net", address.IndexOf(':', StringComparison.Ordinal) == 8 ? "tcp" : "tcp6");
        string before = File.Exists(file) ? File.ReadAllText(file) : "  sl  local_address rem_address   st\n";
        Tell($"net/{Path.GetFileName(file)}", $"{before}   0: {address} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 {socket} 1 0000000000000000 100 0 0 10 0\n");
    }

    /// <summary>Lets a process have a socket.</summary>
    public void Own(int process, int socket)
    {
        string directory = _directory.PathOf("proc", $"{process}", "fd");
        Directory.CreateDirectory(directory);
        File.CreateSymbolicLink(Path.Combine(directory, $"{socket}"), $"socket:[{socket}]");
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

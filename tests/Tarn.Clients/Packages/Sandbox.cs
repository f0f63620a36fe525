using Tarn.TestKit.Programs;

namespace Tarn.Clients.Packages;

/// <summary>bubblewrap, which needs user namespaces.</summary>
internal static class Sandbox
{
    /// <summary>The path of the program; the test is skipped where the system forbids what it does, as distributions and containers may.</summary>
    public static string Need()
    {
        string program = InstalledPrograms.Need("bwrap");
        using var tried = System.Diagnostics.Process.Start(program, ["--unshare-all", "--share-net", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]);
        tried.WaitForExit();
        Assert.SkipUnless(tried.ExitCode == 0, "This system forbids the namespaces that bubblewrap makes.");
        return program;
    }
}

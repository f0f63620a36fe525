using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;

namespace Tarn.Clients;

/// <summary>The console's own checks: its types, its rules and its tests, which need no server.</summary>
public sealed class ConsoleSourceTests
{
    [Theory]
    [InlineData("check")]
    [InlineData("lint")]
    [InlineData("test")]
    public async Task Its_sources_pass(string script)
    {
        ConsoleBuild.Need();
        await HostProgram.RunAsync(InstalledPrograms.Need("npm"), ["run", "--prefix", ConsoleBuild.Folder, script]);
    }
}

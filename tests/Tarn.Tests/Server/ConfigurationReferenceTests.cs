using System.Runtime.CompilerServices;
using Tarn.Server.Configuration;

namespace Tarn.Tests.Server;

public sealed class ConfigurationReferenceTests
{
    [Fact]
    public void Every_setting_has_its_row_and_every_row_its_setting()
    {
        string page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs/reference/configuration.md"));
        string[] rows = [.. page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => string.Join('|', line.Split('|')[1..5]).Replace(" ", "", StringComparison.Ordinal))];
        string[] expected = [.. Settings.All.Select(s =>
            $"{(s.Secret ? $"`{s.Name}`|–" : $"`{s.Name}`|`{s.Flag}`")}|`{s.Variable}`|{(s.Default is null ? "–" : $"`{s.Default}`")}")];
        Assert.Equal(expected, rows);
    }

    private static string Here([CallerFilePath] string path = "") => path;
}

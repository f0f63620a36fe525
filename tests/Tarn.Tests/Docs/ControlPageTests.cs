using Tarn.S3.Access;
using Tarn.Server.Control;
using Tarn.Server.Control.Disks;
using Tarn.Tests.Control;
using Tarn.Tests.Identity;

namespace Tarn.Tests.Docs;

public sealed class ControlPageTests
{
    [Fact]
    public void The_page_of_the_control_api_lists_exactly_the_endpoints_there_are()
    {
        (ControlApi api, _) = ControlServer.Build(new IdentityFixture(), new DenialLog());
        DiskEndpoints.AddTo(api, null!);
        string[] expected = [.. api.Endpoints.Select(endpoint => $"`{endpoint}`").Order(StringComparer.Ordinal)];
        string[] listed = [.. Pages.Read("docs/reference/control-api.md").Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal) && line.Contains(" /", StringComparison.Ordinal))
            .Select(line => line.Split('|')[1].Trim()).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, listed);
    }
}

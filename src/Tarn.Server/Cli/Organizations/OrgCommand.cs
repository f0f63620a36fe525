using System.CommandLine;

namespace Tarn.Server.Cli.Organizations;

/// <summary><c>tarn org</c>.</summary>
internal static class OrgCommand
{
    public static Command Create(ControlCli cli) => cli.Group(
        "org",
        "Organizations, the owners of buckets.",
        OrgCreateCommand.Create(cli),
        OrgListCommand.Create(cli),
        OrgShowCommand.Create(cli),
        OrgDeleteCommand.Create(cli),
        OrgPolicyCommand.Create(cli));
}

using System.CommandLine;

namespace Tarn.Server.Cli.Organizations;

/// <summary><c>tarn org policy</c>.</summary>
internal static class OrgPolicyCommand
{
    public static Command Create(ControlCli cli) => new("policy", "Access policies of an organization.")
    {
        OrgPolicyPutCommand.Create(cli),
        OrgPolicyListCommand.Create(cli),
        OrgPolicyShowCommand.Create(cli),
        OrgPolicyDeleteCommand.Create(cli),
    };
}

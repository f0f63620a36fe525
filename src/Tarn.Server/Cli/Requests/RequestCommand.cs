using System.CommandLine;

namespace Tarn.Server.Cli.Requests;

/// <summary><c>tarn request</c>.</summary>
internal static class RequestCommand
{
    public static Command Create(ControlCli cli) => cli.Group("request", "S3 requests that have ended.", RequestListCommand.Create(cli));
}

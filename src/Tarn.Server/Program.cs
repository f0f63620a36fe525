// tarn: every command of the program, one file each in Cli/. `tarn serve` is the server; it continues in
// Hosting/ServerProcess.cs.
using System.CommandLine;
using Tarn.Server.Cli;

var control = new ControlCli(Environment.GetEnvironmentVariable, TimeProvider.System);
var root = new RootCommand("Tarn: object storage that speaks S3.")
{
    ServeCommand.Create(),
    OrgCommand.Create(control),
    UserCommand.Create(control),
    KeyCommand.Create(control),
    TokenCommand.Create(control),
};
return await CommandRunner.RunAsync(root, args);

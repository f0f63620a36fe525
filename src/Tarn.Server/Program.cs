// tarn: every command of the program, one file each in Cli/. `tarn serve` is the server; it continues in
// Hosting/ServerProcess.cs.
using System.CommandLine;
using Tarn.Server.Cli;

var root = new RootCommand("Tarn: object storage that speaks S3.")
{
    ServeCommand.Create(),
};
return await CommandRunner.RunAsync(root, args);

// tarn: every command of the program is listed in Cli/TarnCommand.cs, one file each in Cli/. `tarn serve` is the server; it
// continues in Hosting/ServerProcess.cs.
using Tarn.Server.Cli;
using Tarn.Server.Configuration;
using Tarn.Server.Logging;

StandardStreams.Secure();
return await CommandRunner.RunAsync(TarnCommand.Create(EnvironmentSettings.OfProcess(), TimeProvider.System), args);

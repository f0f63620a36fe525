// tarn: the commands are listed in TarnCommand.cs, one file each in Cli/. `tarn serve` is the server:
//
//   Configuration/   settings from flags, the environment, secret files and the configuration file, bound once
//   Hosting/ServerProcess.cs   takes the data directory, opens the engines and identities, listens, waits, drains, closes
//   Hosting/Composition.cs     puts the server together: storage, identity, S3, control plane, background work
//   Hosting/RequestPipeline.cs what a request passes, in order
using Tarn.Server;
using Tarn.Server.Cli;
using Tarn.Server.Configuration;
using Tarn.Server.Logging;

StandardStreams.Secure();
return await CommandRunner.RunAsync(TarnCommand.Create(EnvironmentSettings.OfProcess(), TimeProvider.System), args);

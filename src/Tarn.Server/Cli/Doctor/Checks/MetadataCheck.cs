using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;
using Tarn.Server.Cli.Status;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The metadata store: whether it opens. It is opened only to read, without its lock.</summary>
internal sealed class MetadataCheck : ICheck
{
    public string Name => "metadata";

    public async Task<IReadOnlyList<Finding>> RunAsync(Examined examined, CancellationToken cancellationToken)
    {
        if (!RocksDbKeyValueStore.Exists(examined.Metadata))
        {
            return [Finding.Skipped("there is no metadata store yet")];
        }

        if (examined.Server is { } running)
        {
            return [Finding.Skipped($"a server (process {running}) has it open and reports damage itself: tarn status")];
        }

        var notices = new List<string>();
        try
        {
            await using RocksDbReader reader = RocksDbReader.Open(examined.Metadata, new RocksDbOptions { Notice = notices.Add, AcceptLossAfter = examined.Options?.AcceptLogLoss, SyncWrites = examined.Options?.Durability != Durability.Relaxed });
            return [Finding.Ok("RocksDB opens it; tarn fsck reads all of it"), .. notices.Select(static notice => Finding.Warning(notice, "nothing, if the server was killed or the machine lost power, or the loss was accepted"))];
        }
        catch (StoreDamagedException) when (examined.Proc.ServerOf(examined.Data) is not null)
        {
            return [Finding.Skipped("a server was started on it meanwhile")];
        }
        catch (StoreDamagedException e)
        {
            if (examined.Control is { } control && (await HealthProbe.AskAsync(control, cancellationToken)).IsReady)
            {
                return [Finding.Warning(
                    $"it does not open ({e.Message}), but a server is ready on {control.Authority}: if that is one in a container on this directory, it changes what this command reads", "run this command in the container; otherwise stop that server and run it again")];
            }

            return [Finding.Problem($"a server does not start on it: {e.Message}", "copy the data directory before anything else, then follow docs/operations/recovery.md")];
        }
        catch (DllNotFoundException e)
        {
            return [Finding.Problem($"RocksDB's library cannot be loaded: {e.Message}", "install libstdc++ and what the message names (docs/operations/installing.md)")];
        }
    }
}

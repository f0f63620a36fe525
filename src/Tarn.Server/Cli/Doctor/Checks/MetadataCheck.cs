using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;

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
            await using RocksDbReader reader = RocksDbReader.Open(examined.Metadata, new RocksDbOptions { Notice = notices.Add });
            return [Finding.Ok("RocksDB opens it; tarn fsck reads all of it"), .. notices.Select(static notice => Finding.Warning(notice, "nothing, if the server was killed or the machine lost power"))];
        }
        catch (StoreDamagedException) when (examined.Proc.ServerOf(examined.Data) is not null)
        {
            return [Finding.Skipped("a server was started on it meanwhile")];
        }
        catch (StoreDamagedException e)
        {
            return [Finding.Problem($"a server does not start on it: {e.Message}", "copy the data directory before anything else, then follow docs/operations/recovery.md")];
        }
        catch (DllNotFoundException e)
        {
            return [Finding.Problem($"RocksDB's library cannot be loaded: {e.Message}", "install libstdc++ and what the message names (docs/operations/installing.md)")];
        }
    }
}

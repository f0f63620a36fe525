using Tarn.Core.KeyValue;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Storage;

/// <summary>Counts the reads that met damage in the metadata, and logs each damaged place once: many requests may read the same one.</summary>
internal sealed partial class MetadataDamage(StoreHealth health, ILogger logger, string directory)
{
    /// <summary>The maximum number of places that are logged; if more are damaged, the device is at fault.</summary>
    private const int MaxLogged = 100;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _logged = new(StringComparer.Ordinal);

    public void Add(StoreDamagedException damage)
    {
        health.AddDamagedRead();
        bool isNew;
        lock (_lock)
        {
            isNew = _logged.Count < MaxLogged && _logged.Add(damage.Message);
        }

        if (isNew)
        {
            LogDamaged(logger, directory, damage.Message);
        }
    }

    [LoggerMessage(EventIds.MetadataDamaged, LogLevel.Critical, "Damage was read in the metadata store {Directory}: {Damage} Requests that need the damaged rows fail with 500, "
        + "the others are served. Copy the data directory before anything else")]
    private static partial void LogDamaged(ILogger logger, string directory, string damage);
}

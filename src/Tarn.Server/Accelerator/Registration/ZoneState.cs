using Tarn.Core.Acceleration;

namespace Tarn.Server.Accelerator.Registration;

/// <summary>What the upstream told at the last registration: the server's time, the keys of the zone, its other accelerators.</summary>
internal sealed class ZoneState(TimeProvider time)
{
    private volatile Told _told = new(TimeSpan.Zero, [], [], [], null, null, null, TimeSpan.Zero);

    /// <summary>The time by the server's clock, as far as it is known: this machine's may be wrong.</summary>
    public DateTimeOffset ServerTime => time.GetUtcNow() + _told.Ahead;

    /// <summary>The other accelerators of the zone.</summary>
    public IReadOnlyList<AcceleratorPeer> Peers => _told.Peers;

    /// <summary>What is to be cleared, unless it was.</summary>
    public IReadOnlyList<CacheClear> Clears => _told.Clears;

    /// <summary>
    /// The ids of those that all accelerators are asked for, in the form of <see cref="Peers.ZonePeers.ClearsHeader"/>; null: none. What is not done yet is among them: whatever is fetched without
    /// its id was asked for before this accelerator was told, so that its own clear, which comes later, keeps it out of the cache.
    /// </summary>
    public string? ClearsOfAll => _told.ClearsOfAll;

    /// <summary>Which state of both this is; null: none.</summary>
    public string? Generation => _told.Generation;

    /// <summary>Whether the upstream knows this accelerator: who is silent for three heartbeats is forgotten.</summary>
    public bool IsRegistered => _told is { At: { } at, Heartbeat: var heartbeat } && time.GetElapsedTime(at) < 3 * heartbeat;

    /// <summary>The key of the zone in an epoch; null when it is not known.</summary>
    public ZoneKey? KeyOf(uint epoch)
    {
        foreach (ZoneKey key in _told.Keys)
        {
            if (key.Epoch == epoch)
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>Takes an answer. The others and what is to be cleared stay as they are where it does not say.</summary>
    public void Update(RegistrationAnswer answer) => _told = new Told(
        DateTimeOffset.FromUnixTimeMilliseconds(answer.Now) - time.GetUtcNow(),
        answer.ZoneKeys,
        answer.Peers ?? _told.Peers,
        answer.Clears ?? _told.Clears,
        answer.Clears is { } clears ? IdsOf(clears) : _told.ClearsOfAll,
        answer.Generation.Length > 0 ? answer.Generation : null,
        time.GetTimestamp(),
        TimeSpan.FromSeconds(answer.Heartbeat));

    private static string? IdsOf(IReadOnlyList<CacheClear> clears) => string.Join(',', clears.Where(static clear => clear.IsForAll).Select(static clear => clear.Id)) is { Length: > 0 } ids ? ids : null;

    private sealed record Told(
        TimeSpan Ahead, IReadOnlyList<ZoneKey> Keys, IReadOnlyList<AcceleratorPeer> Peers, IReadOnlyList<CacheClear> Clears, string? ClearsOfAll, string? Generation, long? At, TimeSpan Heartbeat);
}

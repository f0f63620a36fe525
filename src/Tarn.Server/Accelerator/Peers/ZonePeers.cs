using System.Collections.Concurrent;
using System.Globalization;
using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Accelerator.Upstream;

namespace Tarn.Server.Accelerator.Peers;

/// <summary>The other accelerators of the zone, as sources of frames.</summary>
/// <param name="identity">Who this one is; null when it does not share.</param>
/// <param name="zone">Who the others are.</param>
/// <param name="connections">The maximum number of connections to all of them together, though at least one to each.</param>
/// <param name="time">The clock.</param>
internal sealed class ZonePeers(PeerIdentity? identity, ZoneState zone, int connections, TimeProvider time) : IDisposable
{
    /// <summary>Names the bucket whose data is read, by its id: for clearing it.</summary>
    public const string BucketHeader = "x-tarn-bucket";

    /// <summary>
    /// Names what must have been cleared from the cache that answers, by the ids of the clears, with commas between: at most <see cref="RegistrationAnswer.MaxClears"/>. Who has not done all of them
    /// answers that it has nothing.
    /// </summary>
    public const string ClearsHeader = "x-tarn-clears";

    /// <summary>How long one may pause in the middle of a frame. The upstream gives what it does not, so this is shorter than what is left to that.</summary>
    public static readonly TimeSpan PauseTime = TimeSpan.FromSeconds(5);

    /// <summary>The maximum number of connections to one of them.</summary>
    private const int MaxConnections = 64;

    private readonly ConcurrentDictionary<AcceleratorPeer, Peer> _known = new();

    /// <summary>How long they take to begin to answer.</summary>
    public AnswerTimes Times { get; } = new();

    /// <summary>The home of a frame, which is asked now; null: this accelerator, or one that is left alone at the moment.</summary>
    public AcceleratorPeer? HomeOf(FrameKey key)
    {
        if (identity is null || zone.Peers is not { Count: > 0 } peers || ZoneHomes.Of(key, identity.Address, peers) is not { } home)
        {
            return null;
        }

        return CircuitOf(home).TryEnter() ? home : null;
    }

    /// <summary>Opens a frame at one of them.</summary>
    /// <param name="home">Which one.</param>
    /// <param name="key">The frame.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="capability">Entitles to the frame.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="FrameUnavailableException">It does not give it.</exception>
    public async Task<IFrameStream> OpenAsync(AcceleratorPeer home, FrameKey key, ulong bucket, string capability, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> headers = [new(AcceleratorHeaders.Capability, capability), new(BucketHeader, bucket.ToString(CultureInfo.InvariantCulture))];
        if (zone.ClearsOfAll is { } clears)
        {
            headers.Add(new(ClearsHeader, clears));
        }

        return await UpstreamBlocks.OpenAsync(PeerOf(home).Client, key, headers, cancellationToken, Times.Add);
    }

    /// <summary>Whether one is asked.</summary>
    public PeerCircuit CircuitOf(AcceleratorPeer home) => PeerOf(home).Circuit;

    public void Dispose()
    {
        foreach (Peer peer in _known.Values)
        {
            peer.Pool.Dispose();
        }
    }

    private Peer PeerOf(AcceleratorPeer home)
    {
        int most = Math.Clamp(connections / Math.Max(zone.Peers.Count, 1), 1, MaxConnections);
        if (_known.TryGetValue(home, out Peer? known) && known.Connections <= most && known.Connections > most / 2)
        {
            return known;
        }

        foreach (AcceleratorPeer gone in _known.Keys.Except(zone.Peers).ToArray())
        {
            if (_known.TryRemove(gone, out Peer? left))
            {
                left.Pool.Dispose();
            }
        }

        int colon = home.Address.LastIndexOf(':');
        var address = new UpstreamAddress(home.Address[..colon].Trim('[', ']'), int.Parse(home.Address.AsSpan(colon + 1), CultureInfo.InvariantCulture), IsTls: true);
        var pool = new UpstreamPool(address, () => identity!.ClientOptions(home.Certificate), most, time);
        Peer made = new(pool, new NodeClient(pool, default, time, PauseTime), known?.Circuit ?? new PeerCircuit(time), most);
        if (known is null ? _known.TryAdd(home, made) : _known.TryUpdate(home, made, known))
        {
            // More or far fewer accelerators share the connections now: what is under way with this one goes on.
            known?.Pool.Dispose();
            return made;
        }

        pool.Dispose();
        return _known.TryGetValue(home, out Peer? other) ? other : made;
    }

    private sealed record Peer(UpstreamPool Pool, NodeClient Client, PeerCircuit Circuit, int Connections);
}

using System.Net;
using Tarn.Core;
using Tarn.Core.Acceleration;
using Tarn.Core.Model;

namespace Tarn.Server.Acceleration;

/// <summary>An accelerator that has registered.</summary>
/// <param name="Said">What it said of itself, the last time.</param>
/// <param name="Token">Its token.</param>
/// <param name="Address">Where it connects from.</param>
/// <param name="First">When it registered first.</param>
/// <param name="Last">When it registered last.</param>
internal sealed record RegisteredAccelerator(AcceleratorRegistration Said, AcceleratorToken Token, IPAddress? Address, DateTimeOffset First, DateTimeOffset Last);

/// <summary>Which accelerators there are. In memory: after a restart of the server they register again. Who is silent for three heartbeats is forgotten.</summary>
internal sealed class AcceleratorRegistry(TimeProvider clock, IRandomSource random)
{
    /// <summary>How often accelerators are to register.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    /// <summary>For how long accelerators are told to clear what they have cached; one that was away for longer is not told.</summary>
    public static readonly TimeSpan ClearLife = TimeSpan.FromHours(1);

    private const int MaxAccelerators = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, RegisteredAccelerator> _accelerators = new(StringComparer.Ordinal);
    private readonly List<(CacheClear Clear, string? Name, DateTimeOffset Created)> _clears = [];

    /// <summary>Registers an accelerator, or notes that it is still there.</summary>
    /// <param name="said">What it says of itself.</param>
    /// <param name="token">Its token.</param>
    /// <param name="address">Where it connects from.</param>
    /// <param name="keys">The store's secrets.</param>
    /// <returns>What it is told; null when there are too many, or another token has registered the instance.</returns>
    public RegistrationAnswer? Register(AcceleratorRegistration said, AcceleratorToken token, IPAddress? address, AcceleratorSecrets keys)
    {
        DateTimeOffset now = clock.GetUtcNow();
        lock (_lock)
        {
            Sweep(now);
            RegisteredAccelerator? known = _accelerators.GetValueOrDefault(said.Instance);

            // An instance belongs to the token that registered it.
            if (known is null ? _accelerators.Count >= MaxAccelerators : known.Token.Id != token.Id)
            {
                return null;
            }

            _accelerators[said.Instance] = new RegisteredAccelerator(said, token, address, known?.First ?? now, now);
            return new RegistrationAnswer
            {
                Heartbeat = (int)Heartbeat.TotalSeconds,
                Now = now.ToUnixTimeMilliseconds(),
                ZoneKeys = keys.KeysOf(said.Zone, now),
                Peers =
                [
                    .. _accelerators.Values
                        .Where(other => other.Said.Zone == said.Zone && other.Said.Instance != said.Instance && other.Said.Peer is not null)
                        .OrderBy(static other => other.Said.Instance, StringComparer.Ordinal)
                        .Take(RegistrationAnswer.MaxPeers)
                        .Select(static other => new AcceleratorPeer(other.Said.Instance, other.Said.Name, other.Said.Peer!, other.Said.Certificate!)),
                ],
                Clears = [.. _clears.Where(each => each.Name is null || each.Name == said.Name).Select(static each => each.Clear)],
            };
        }
    }

    /// <summary>The accelerators that are there, by zone and name.</summary>
    public IReadOnlyList<RegisteredAccelerator> List()
    {
        lock (_lock)
        {
            Sweep(clock.GetUtcNow());
            return
            [
                .. _accelerators.Values.OrderBy(static each => each.Said.Zone, StringComparer.Ordinal).ThenBy(static each => each.Said.Name, StringComparer.Ordinal)
                    .ThenBy(static each => each.Said.Instance, StringComparer.Ordinal),
            ];
        }
    }

    /// <summary>Forgets the accelerators with a token, which was revoked: others of the zone no longer know them.</summary>
    public void Forget(string tokenId)
    {
        lock (_lock)
        {
            foreach (string instance in _accelerators.Where(each => each.Value.Token.Id == tokenId).Select(static each => each.Key).ToArray())
            {
                _accelerators.Remove(instance);
            }
        }
    }

    /// <summary>Tells accelerators, when they register next, to remove what they have cached.</summary>
    /// <param name="bucket">The id of the bucket whose bytes are to go; null: all.</param>
    /// <param name="name">The name of the accelerators that are meant; null: all.</param>
    /// <returns>How many there are now that are told.</returns>
    public int Clear(ulong? bucket, string? name)
    {
        DateTimeOffset now = clock.GetUtcNow();
        lock (_lock)
        {
            Sweep(now);
            if (_clears.Count == RegistrationAnswer.MaxClears)
            {
                _clears.RemoveAt(0);
            }

            _clears.Add((new CacheClear(Id128.Create(random).ToString(), bucket), name, now));
            return _accelerators.Values.Count(each => name is null || each.Said.Name == name);
        }
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (string instance in _accelerators.Where(each => now - each.Value.Last > Heartbeat * 3).Select(static each => each.Key).ToArray())
        {
            _accelerators.Remove(instance);
        }

        _clears.RemoveAll(each => now - each.Created > ClearLife);
    }
}

using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
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
internal sealed record RegisteredAccelerator(AcceleratorRegistration Said, AcceleratorToken Token, IPAddress? Address, DateTimeOffset First, DateTimeOffset Last)
{
    /// <summary>How others of the zone reach it; null when it does not share.</summary>
    public AcceleratorPeer? Peer => Said.Peer is { } address ? new AcceleratorPeer(Said.Instance, Said.Name, address, Said.Certificate!) : null;
}

/// <summary>
/// Which accelerators there are. In memory: after a restart of the server they register again. Who is silent for three heartbeats is forgotten. Their number is bounded, and whoever holds a token can register
/// as many as it likes: what there is room for is shared by the tokens.
/// </summary>
internal sealed class AcceleratorRegistry(TimeProvider clock, IRandomSource random)
{
    /// <summary>How often accelerators are to register.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    /// <summary>The most that are known at a time.</summary>
    public const int MaxAccelerators = 4096;

    /// <summary>Tells the generations of this process from those of earlier ones.</summary>
    private readonly string _process = Id128.Create(random).ToString();

    private readonly Lock _lock = new();

    /// <summary>By token and instance: who is told of an instance, as all are that share with it, cannot take its place with another token.</summary>
    private readonly Dictionary<(string TokenId, string Instance), RegisteredAccelerator> _accelerators = [];

    /// <summary>The ids of tokens that were revoked, since a registration may have looked its token up before: one text for each that an administrator has revoked.</summary>
    private readonly HashSet<string> _revoked = new(StringComparer.Ordinal);

    /// <summary>How often the accelerators that share have changed, by zone.</summary>
    private readonly Dictionary<string, long> _changes = new(StringComparer.Ordinal);

    /// <summary>Registers an accelerator, or notes that it is still there.</summary>
    /// <param name="said">What it says of itself.</param>
    /// <param name="token">Its token.</param>
    /// <param name="address">Where it connects from.</param>
    /// <param name="keys">The store's secrets.</param>
    /// <param name="clears">What accelerators are to remove from their caches.</param>
    /// <param name="before">What it said the last time; null when it is new.</param>
    /// <returns>
    /// What it is told: of the others and of what to clear only if that is not what it knows. Null when the token was revoked, or when there are too many and no token has more of them than this
    /// one would have.
    /// </returns>
    public RegistrationAnswer? Register(
        AcceleratorRegistration said, AcceleratorToken token, IPAddress? address, AcceleratorSecrets keys, IReadOnlyList<StoredClear> clears, out AcceleratorRegistration? before)
    {
        DateTimeOffset now = clock.GetUtcNow();
        StoredClear[] meant = [.. clears.Where(each => each.IsFor(said.Name))];
        lock (_lock)
        {
            Sweep(now);
            RegisteredAccelerator? known = _accelerators.GetValueOrDefault((token.Id, said.Instance));
            before = known?.Said;
            if (_revoked.Contains(token.Id) || (known is null && !MakeRoom(token)))
            {
                return null;
            }

            var registered = new RegisteredAccelerator(said, token, address, known?.First ?? now, now);
            _accelerators[(token.Id, said.Instance)] = registered;
            if (known?.Peer != registered.Peer)
            {
                NoteChange(said.Zone);
            }

            string generation = GenerationOf(said.Zone, meant);
            bool isKnown = said.Generation == generation;
            return new RegistrationAnswer
            {
                Heartbeat = (int)Heartbeat.TotalSeconds,
                Now = now.ToUnixTimeMilliseconds(),
                ZoneKeys = keys.KeysOf(said.Zone, now),
                Generation = generation,
                Peers = isKnown ? null : PeersOf(said),
                Clears = isKnown ? null : [.. meant.Select(static each => new CacheClear(each.Id.ToString(), each.BucketId, each.Name is null))],
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

    /// <summary>Forgets the accelerators with a token, which was revoked: others of the zone no longer know them, and none registers with it again.</summary>
    public void Forget(string tokenId)
    {
        lock (_lock)
        {
            _revoked.Add(tokenId);
            Remove(each => each.Token.Id == tokenId);
        }
    }

    /// <summary>
    /// Has room for one more of a token, whose share is as large as that of any other: when there is none, the token with the most gives up the one that was silent for longest. False when none has more than
    /// this one would have then.
    /// </summary>
    private bool MakeRoom(AcceleratorToken token)
    {
        if (_accelerators.Count < MaxAccelerators)
        {
            return true;
        }

        Dictionary<string, int> counts = _accelerators.Values.CountBy(static each => each.Token.Id, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        (string most, int count) = counts.MaxBy(static each => each.Value);
        if (count <= counts.GetValueOrDefault(token.Id) + 1)
        {
            return false;
        }

        RegisteredAccelerator oldest = _accelerators.Values.Where(each => each.Token.Id == most).MinBy(static each => each.Last)!;
        Remove(each => ReferenceEquals(each, oldest));
        return true;
    }

    /// <summary>The others of a zone that share: when they are too many to name, of each token as many as of any other.</summary>
    private IReadOnlyList<AcceleratorPeer> PeersOf(AcceleratorRegistration said) =>
    [
        .. _accelerators.Values
            .Where(each => each.Said.Zone == said.Zone && each.Peer is not null)
            // Of an instance that several tokens say they are, who said so first.
            .OrderBy(static each => each.First).DistinctBy(static each => each.Said.Instance, StringComparer.Ordinal)
            .OrderBy(static each => each.Said.Instance, StringComparer.Ordinal)
            .GroupBy(static each => each.Token.Id, StringComparer.Ordinal)
            .SelectMany(static ofToken => ofToken.Index())
            .Where(each => each.Item.Said.Instance != said.Instance)
            .OrderBy(static each => each.Index).ThenBy(static each => each.Item.Said.Instance, StringComparer.Ordinal)
            .Select(static each => each.Item.Peer!)
            .Take(RegistrationAnswer.MaxPeers),
    ];

    private string GenerationOf(string zone, IReadOnlyList<StoredClear> clears) =>
        string.Create(CultureInfo.InvariantCulture, $"{_process}.{_changes.GetValueOrDefault(zone)}.{NameOf(clears)}");

    /// <summary>A text that is another one for other clears.</summary>
    private static string NameOf(IReadOnlyList<StoredClear> clears) => clears.Count == 0
        ? "0"
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(clears.Select(static each => each.Id)))).AsSpan(0, 8));

    private void NoteChange(string zone) => _changes[zone] = _changes.GetValueOrDefault(zone) + 1;

    private void Sweep(DateTimeOffset now) => Remove(each => now - each.Last > Heartbeat * 3);

    private void Remove(Func<RegisteredAccelerator, bool> isGone)
    {
        foreach (((string, string) key, RegisteredAccelerator each) in _accelerators)
        {
            if (!isGone(each))
            {
                continue;
            }

            // A dictionary may lose entries while it is enumerated.
            _accelerators.Remove(key);
            if (each.Peer is not null)
            {
                NoteChange(each.Said.Zone);
            }
        }
    }
}

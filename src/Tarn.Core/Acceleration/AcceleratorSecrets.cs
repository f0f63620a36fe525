using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Tarn.Core.Acceleration;

/// <summary>The store's own secrets: the key of its capabilities, what the keys of zones are derived from, and the key that seals continuations.</summary>
public sealed class AcceleratorSecrets
{
    /// <summary>Bytes of all of them together.</summary>
    public const int Size = 3 * ZoneKey.Size;

    private const int MaxKnown = 4096;

    private readonly byte[] _zones;
    private readonly ConcurrentDictionary<(string Zone, uint Epoch), ZoneKey> _known = new();

    /// <param name="secrets"><see cref="Size"/> random bytes.</param>
    public AcceleratorSecrets(ReadOnlySpan<byte> secrets)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secrets.Length, Size);
        StoreKey = secrets[..ZoneKey.Size].ToArray();
        _zones = secrets.Slice(ZoneKey.Size, ZoneKey.Size).ToArray();
        ContinuationKey = secrets[(2 * ZoneKey.Size)..].ToArray();
    }

    /// <summary>The key with which the store makes its MAC of a capability.</summary>
    public ReadOnlyMemory<byte> StoreKey { get; }

    /// <summary>The key with which continuations are sealed.</summary>
    public ReadOnlyMemory<byte> ContinuationKey { get; }

    /// <summary>The key of a zone in an epoch.</summary>
    public ZoneKey KeyOf(string zone, uint epoch)
    {
        if (_known.TryGetValue((zone, epoch), out ZoneKey? known))
        {
            return known;
        }

        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        byte[] name = Encoding.UTF8.GetBytes(zone);
        byte[] input = new byte[4 + name.Length];
        BinaryPrimitives.WriteUInt32BigEndian(input, epoch);
        name.CopyTo(input.AsSpan(4));
        return _known[(zone, epoch)] = new ZoneKey { Epoch = epoch, Key = HMACSHA256.HashData(_zones, input), Until = ZoneKey.UntilOf(epoch) };
    }

    /// <summary>The keys that the accelerators of a zone need now: of this epoch, of the next, and of the last one while its capabilities may be valid.</summary>
    public IReadOnlyList<ZoneKey> KeysOf(string zone, DateTimeOffset now)
    {
        uint epoch = ZoneKey.EpochOf(now);
        return [.. new[] { epoch - 1, epoch, epoch + 1 }.Select(each => KeyOf(zone, each)).Where(key => key.Until > now.ToUnixTimeMilliseconds())];
    }
}

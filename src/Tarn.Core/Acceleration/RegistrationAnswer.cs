using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Tarn.Core.Cache;

namespace Tarn.Core.Acceleration;

/// <summary>What the server tells an accelerator that has registered.</summary>
public sealed record RegistrationAnswer
{
    /// <summary>The most bytes of its text.</summary>
    public const int MaxSize = 1 << 20;

    /// <summary>The most other accelerators that it names.</summary>
    public const int MaxPeers = 1024;

    /// <summary>The most clearings that it names.</summary>
    public const int MaxClears = ClearNotes.MaxIds;

    /// <summary>Seconds after which it is to register again.</summary>
    public required int Heartbeat { get; init; }

    /// <summary>The server's time, Unix milliseconds.</summary>
    public required long Now { get; init; }

    /// <summary>The keys of its zone.</summary>
    public required IReadOnlyList<ZoneKey> ZoneKeys { get; init; }

    /// <summary>Which state of <see cref="Peers"/> and <see cref="Clears"/> this is: the next registration names it, so that they need not be told again. Empty: always told.</summary>
    public string Generation { get; init => field = value ?? ""; } = "";

    /// <summary>The other accelerators of its zone that share; null: as in the generation that it named.</summary>
    public IReadOnlyList<AcceleratorPeer>? Peers { get; init; }

    /// <summary>What it is to remove from its cache, unless it has done so; null with <see cref="Peers"/>.</summary>
    public IReadOnlyList<CacheClear>? Clears { get; init; }

    /// <summary>Reads an answer; false when it is not one, or not within the bounds.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out RegistrationAnswer? answer)
    {
        answer = null;
        try
        {
            answer = utf8.Length <= MaxSize && JsonSerializer.Deserialize(utf8, AccelerationJson.Default.RegistrationAnswer) is { } read && read.IsWithinBounds() ? read : null;
        }
        catch (JsonException)
        {
            return false;
        }

        return answer is not null;
    }

    /// <summary>The UTF-8 text.</summary>
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, AccelerationJson.Default.RegistrationAnswer);

    private bool IsWithinBounds() =>
        Heartbeat is >= 1 and <= 3600 && Now >= 0
        && ZoneKeys.Count <= 8 && ZoneKeys.All(static key => key?.Key.Length == ZoneKey.Size)
        && (Generation.Length == 0 || AcceleratorRegistration.IsGeneration(Generation)) && (Peers is null) == (Clears is null)
        && (Peers is null || (Peers.Count <= MaxPeers && Peers.All(static peer => peer is not null && AcceleratorNames.IsName(peer.Name) && AcceleratorRegistration.IsPeer(peer.Address))))
        && (Clears is null || (Clears.Count <= MaxClears && Clears.All(static clear => clear is not null && ClearNotes.IsId(clear.Id))));
}

/// <summary>Another accelerator of the zone.</summary>
/// <param name="Instance">Which process it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Address">HOST:PORT.</param>
/// <param name="Certificate">SHA-256 of its certificate's DER form: 64 lower-case hexadecimal digits.</param>
public sealed record AcceleratorPeer(string Instance, string Name, string Address, string Certificate);

/// <summary>A request to remove bytes from caches.</summary>
/// <param name="Id">Which request: it is repeated for a while, and done once.</param>
/// <param name="Bucket">The id of the bucket whose bytes are to go; null: all.</param>
/// <param name="IsForAll">Whether all accelerators are asked, and not only those of a name.</param>
public sealed record CacheClear(string Id, ulong? Bucket, bool IsForAll = false);

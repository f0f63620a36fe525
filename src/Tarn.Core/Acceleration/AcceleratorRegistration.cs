using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Tarn.Core.Cache;

namespace Tarn.Core.Acceleration;

/// <summary>What an accelerator says of itself, every few seconds.</summary>
public sealed record AcceleratorRegistration
{
    /// <summary>The most bytes of its text.</summary>
    public const int MaxSize = 64 * 1024;

    /// <summary>The most organizations of which it tells hits.</summary>
    public const int MaxOrganizations = 256;

    /// <summary>The most bytes of one of them: sums of a few thousand do not overflow.</summary>
    private const long MaxBytes = 1L << 50;

    /// <summary>Which process it is: 32 lower-case hexadecimal digits, random at its start.</summary>
    public required string Instance { get; init; }

    /// <summary>Its name, the same as in its envelope.</summary>
    public required string Name { get; init; }

    /// <summary>Its zone, the same as in its envelope.</summary>
    public required string Zone { get; init; }

    /// <summary>The domains under which its clients name buckets, the same as in its envelope.</summary>
    public required IReadOnlyList<string> Domains { get; init; }

    /// <summary>HOST:PORT at which other accelerators of the zone reach it; null when it does not share.</summary>
    public string? Peer { get; init; }

    /// <summary>SHA-256 of the certificate that it uses towards them, of its DER form: 64 lower-case hexadecimal digits. Null when it does not share.</summary>
    public string? Certificate { get; init; }

    /// <summary>The version of its program.</summary>
    public required string Version { get; init; }

    /// <summary>What it has done since its start.</summary>
    public AcceleratorStatistics Statistics { get; init => field = value ?? new(); } = new();

    /// <summary>The <see cref="RegistrationAnswer.Generation"/> that it has; null when it has none.</summary>
    public string? Generation { get; init; }

    /// <summary>The ids of what it was told to clear and has cleared since its start.</summary>
    public IReadOnlyList<string> Cleared { get; init => field = value ?? []; } = [];

    /// <summary>Reads a registration; false when it is not one, or not within the bounds.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out AcceleratorRegistration? registration)
    {
        registration = null;
        try
        {
            registration = utf8.Length <= MaxSize && JsonSerializer.Deserialize(utf8, AccelerationJson.Default.AcceleratorRegistration) is { } read && read.IsWithinBounds()
                ? read
                : null;
        }
        catch (JsonException)
        {
            return false;
        }

        return registration is not null;
    }

    /// <summary>The UTF-8 text.</summary>
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, AccelerationJson.Default.AcceleratorRegistration);

    /// <summary>Whether a text can be a peer's address: a DNS name or an IP address, a colon and a port.</summary>
    public static bool IsPeer(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || text.Length > AcceleratorNames.MaxDomainLength + 6
            || !ushort.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out ushort port) || port == 0)
        {
            return false;
        }

        ReadOnlySpan<char> host = text.AsSpan(0, colon);
        return host[0] == '['
            ? host[^1] == ']' && System.Net.IPAddress.TryParse(host[1..^1], out _)
            : AcceleratorNames.IsDomain(host);
    }

    internal static bool IsGeneration(string? text) => text is { Length: > 0 and <= 80 } && text.All(static c => c is > ' ' and <= '~');

    private bool IsWithinBounds() =>
        IsHex(Instance, 32) && AcceleratorNames.IsName(Name) && AcceleratorNames.IsName(Zone)
        && Domains.Count <= AcceleratorEnvelope.MaxDomains && Domains.All(static domain => AcceleratorNames.IsDomain(domain))
        && (Peer is null || IsPeer(Peer)) && (Certificate is null || IsHex(Certificate, 64)) && (Peer is null) == (Certificate is null)
        && Version is { Length: > 0 and <= 100 } && Version.All(static c => c is > ' ' and <= '~')
        && (Generation is null || IsGeneration(Generation))
        && Cleared.Count <= RegistrationAnswer.MaxClears && Cleared.All(ClearNotes.IsId)
        && Statistics.HitBytes.Count <= MaxOrganizations && Statistics.HitBytes.DistinctBy(static hits => hits?.Owner).Count() == Statistics.HitBytes.Count
        && Statistics.HitBytes.All(static hits => hits is { Bytes: >= 0 and <= MaxBytes } && (hits.Owner is null || IsHex(hits.Owner, 64)));

    private static bool IsHex(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigitLower);
}

/// <summary>Bytes of the objects of an owner.</summary>
/// <param name="Owner">Canonical user id of the owner: 64 lower-case hexadecimal digits. Null: of owners that are not named.</param>
/// <param name="Bytes">Bytes since the accelerator's start.</param>
public sealed record OwnerHits(string? Owner, long Bytes);

/// <summary>What an accelerator has done since its start, and what its cache has.</summary>
public sealed record AcceleratorStatistics
{
    /// <summary>When it started, Unix milliseconds.</summary>
    public long Started { get; init; }

    /// <summary>Answers whose bytes all came from its cache.</summary>
    public long Hits { get; init; }

    /// <summary>Answers of which some bytes came from its cache.</summary>
    public long Partials { get; init; }

    /// <summary>Answers of which none did.</summary>
    public long Misses { get; init; }

    /// <summary>Answers that were forwarded.</summary>
    public long Bypasses { get; init; }

    /// <summary>Bytes sent to clients from its cache.</summary>
    public long BytesFromCache { get; init; }

    /// <summary>Bytes sent to clients from caches of other accelerators.</summary>
    public long BytesFromPeers { get; init; }

    /// <summary>Bytes sent to clients from the server.</summary>
    public long BytesFromUpstream { get; init; }

    /// <summary>Bytes sent to other accelerators from its cache.</summary>
    public long BytesToPeers { get; init; }

    /// <summary>Bytes in its cache.</summary>
    public long CacheBytes { get; init; }

    /// <summary>The most bytes that its cache may have.</summary>
    public long CacheCapacity { get; init; }

    /// <summary>Bytes that came into its cache.</summary>
    public long FilledBytes { get; init; }

    /// <summary>Bytes that were evicted from it.</summary>
    public long EvictedBytes { get; init; }

    /// <summary>Blocks on its device that were not what they should be.</summary>
    public long DamagedBlocks { get; init; }

    /// <summary>Reads and writes of its device that failed.</summary>
    public long CacheErrors { get; init; }

    /// <summary>Objects that wait to be staged.</summary>
    public long PrestageQueue { get; init; }

    /// <summary>Bytes sent to clients from its cache and from caches of others, by the owners of the buckets that they are of; the one without owner is of all that are not named.</summary>
    public IReadOnlyList<OwnerHits> HitBytes { get; init => field = value ?? []; } = [];
}

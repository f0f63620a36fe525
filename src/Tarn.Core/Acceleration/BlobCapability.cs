using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Blobs;
using Tarn.Core.Model;

namespace Tarn.Core.Acceleration;

/// <summary>What examining a capability led to.</summary>
public enum CapabilityStatus
{
    /// <summary>It is genuine and has not expired.</summary>
    Valid,

    /// <summary>It is not the text of a capability.</summary>
    Malformed,

    /// <summary>It is not genuine, or of an epoch whose key is not known.</summary>
    Forged,

    /// <summary>It is that of another zone.</summary>
    OtherZone,

    /// <summary>It was genuine, and has expired.</summary>
    Expired,
}

/// <summary>
/// Entitles the accelerators of a zone to read one run of one blob until it expires. Its text has two MACs (HMAC-SHA-256, 128 bits): one with a key that only the store has, over
/// everything before it, and one with the zone's key of the epoch, over everything before that. Whoever has both keys checks both. docs/design/accelerator.md
/// </summary>
public sealed record BlobCapability
{
    /// <summary>Bytes of each MAC.</summary>
    public const int MacSize = 16;

    /// <summary>Longest text, in characters.</summary>
    public const int MaxTextLength = ((MaxSize * 4) + 2) / 3;

    /// <summary>How long one is valid at most.</summary>
    public static readonly TimeSpan MaxLife = TimeSpan.FromMinutes(5);

    /// <summary>How long one may be renewed, from the first one on.</summary>
    public static readonly TimeSpan MaxRenewal = TimeSpan.FromHours(24);

    private const byte First = 1, Renewed = 2;

    // version 1 | expiry 8 | (time of the first 8) | epoch 4 | blob 16 | offset 8 | length 8 | zone: length 1, name | MAC of the store 16 | MAC of the zone 16
    private const int FixedSize = 1 + 8 + 4 + Id128.Size + 8 + 8 + 1;
    private const int MinSize = FixedSize + 1 + (2 * MacSize);
    private const int MaxSize = FixedSize + 8 + AcceleratorNames.MaxNameLength + (2 * MacSize);

    /// <summary>The blob.</summary>
    public required BlobId Blob { get; init; }

    /// <summary>The first byte in the blob.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes, at least one.</summary>
    public required long Length { get; init; }

    /// <summary>The zone whose accelerators may use it.</summary>
    public required string Zone { get; init; }

    /// <summary>When it expires, Unix seconds.</summary>
    public required long Expires { get; init; }

    /// <summary>The epoch whose key of the zone its MAC is made with.</summary>
    public required uint Epoch { get; init; }

    /// <summary>When the first one was made that this one renews, Unix seconds; null for a first one.</summary>
    public long? Since { get; init; }

    /// <summary>Whether it entitles to a run of a blob.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="start">The run's first byte.</param>
    /// <param name="length">Bytes.</param>
    public bool Covers(BlobId blob, long start, long length) =>
        blob == Blob && length > 0 && start >= Offset && start - Offset <= Length && length <= Length - (start - Offset);

    /// <summary>Makes the text.</summary>
    /// <param name="storeKey">The store's key.</param>
    /// <param name="zoneKey">The key of the zone and of the epoch that this names.</param>
    /// <exception cref="ArgumentException">A value is outside of its bounds.</exception>
    public string Make(ReadOnlySpan<byte> storeKey, ReadOnlySpan<byte> zoneKey)
    {
        if (!IsWithinBounds())
        {
            throw new ArgumentException("A value of the capability is outside of its bounds.");
        }

        Span<byte> bytes = stackalloc byte[MaxSize];
        int body = Write(bytes);
        Mac(storeKey, bytes[..body], bytes[body..]);
        Mac(zoneKey, bytes[..(body + MacSize)], bytes[(body + MacSize)..]);
        return Base64Url.EncodeToString(bytes[..(body + (2 * MacSize))]);
    }

    /// <summary>Examines a text with both keys, as the server does.</summary>
    /// <param name="text">The text.</param>
    /// <param name="zone">The zone of the one who presents it.</param>
    /// <param name="storeKey">The store's key.</param>
    /// <param name="zoneKeys">The key of the zone in an epoch; null when there is none.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="capability">What it says, if it is valid.</param>
    public static CapabilityStatus Verify(
        ReadOnlySpan<char> text, string zone, ReadOnlySpan<byte> storeKey, Func<uint, ZoneKey?> zoneKeys, DateTimeOffset now, out BlobCapability? capability) =>
        Verify(text, zone, storeKey, hasStoreKey: true, zoneKeys, now, out capability);

    /// <summary>Examines a text with the zone's key alone, as an accelerator does.</summary>
    /// <param name="text">The text.</param>
    /// <param name="zone">The accelerator's own zone.</param>
    /// <param name="zoneKeys">The key of the zone in an epoch; null when there is none.</param>
    /// <param name="now">The time, by the server's clock.</param>
    /// <param name="capability">What it says, if it is valid.</param>
    public static CapabilityStatus VerifyInZone(
        ReadOnlySpan<char> text, string zone, Func<uint, ZoneKey?> zoneKeys, DateTimeOffset now, out BlobCapability? capability) =>
        Verify(text, zone, default, hasStoreKey: false, zoneKeys, now, out capability);

    /// <summary>Reads what a text says, without examining whether it is genuine; false when it is not the text of a capability.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, [NotNullWhen(true)] out BlobCapability? capability)
    {
        Span<byte> bytes = stackalloc byte[MaxSize];
        return TryDecode(text, bytes, out _, out capability);
    }

    /// <summary>What it entitles to.</summary>
    public override string ToString() => $"capability of {Blob} [{Offset}, {Offset + Length}) in zone {Zone} until {Expires}";

    private static CapabilityStatus Verify(
        ReadOnlySpan<char> text, string zone, ReadOnlySpan<byte> storeKey, bool hasStoreKey, Func<uint, ZoneKey?> zoneKeys, DateTimeOffset now, out BlobCapability? capability)
    {
        ArgumentNullException.ThrowIfNull(zoneKeys);
        capability = null;
        Span<byte> bytes = stackalloc byte[MaxSize];
        if (!TryDecode(text, bytes, out int length, out BlobCapability? read))
        {
            return CapabilityStatus.Malformed;
        }

        if (!string.Equals(read.Zone, zone, StringComparison.Ordinal))
        {
            return CapabilityStatus.OtherZone;
        }

        int body = length - (2 * MacSize);
        if (zoneKeys(read.Epoch) is not { } zoneKey
            || !IsMac(zoneKey.Key, bytes[..(body + MacSize)], bytes.Slice(body + MacSize, MacSize))
            || (hasStoreKey && !IsMac(storeKey, bytes[..body], bytes.Slice(body, MacSize))))
        {
            return CapabilityStatus.Forged;
        }

        if (now.ToUnixTimeMilliseconds() >= read.Expires * 1000)
        {
            return CapabilityStatus.Expired;
        }

        capability = read;
        return CapabilityStatus.Valid;
    }

    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes, out int length, [NotNullWhen(true)] out BlobCapability? capability)
    {
        capability = null;
        length = 0;
        if (text.Length > MaxTextLength
            || Base64Url.DecodeFromChars(text, bytes, out int consumed, out length) != OperationStatus.Done || consumed != text.Length || length < MinSize)
        {
            return false;
        }

        // The last character may have unused bits: only the canonical encoding is accepted.
        Span<char> canonical = stackalloc char[MaxTextLength];
        if (!Base64Url.TryEncodeToChars(bytes[..length], canonical, out int written) || !text.SequenceEqual(canonical[..written]))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = bytes[1..length];
        long expires = Take(ref rest);
        long? since = null;
        if (bytes[0] == Renewed)
        {
            since = Take(ref rest);
        }
        else if (bytes[0] != First)
        {
            return false;
        }

        uint epoch = BinaryPrimitives.ReadUInt32BigEndian(rest);
        var blob = new BlobId(Id128.Read(rest[4..]));
        rest = rest[(4 + Id128.Size)..];
        long offset = Take(ref rest), size = Take(ref rest);
        int named = rest[0];
        if (rest.Length != 1 + named + (2 * MacSize))
        {
            return false;
        }

        var read = new BlobCapability
        {
            Blob = blob, Offset = offset, Length = size, Zone = Encoding.Latin1.GetString(rest.Slice(1, named)), Expires = expires, Epoch = epoch, Since = since,
        };
        capability = read.IsWithinBounds() ? read : null;
        return capability is not null;
    }

    private static long Take(ref ReadOnlySpan<byte> rest)
    {
        long value = BinaryPrimitives.ReadInt64BigEndian(rest);
        rest = rest[8..];
        return value;
    }

    private static void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> destination)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, data, whole);
        whole[..MacSize].CopyTo(destination);
    }

    private static bool IsMac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> mac)
    {
        Span<byte> expected = stackalloc byte[MacSize];
        Mac(key, data, expected);
        return CryptographicOperations.FixedTimeEquals(expected, mac);
    }

    private int Write(Span<byte> bytes)
    {
        bytes[0] = Since is null ? First : Renewed;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], Expires);
        int at = 9;
        if (Since is { } since)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes[at..], since);
            at += 8;
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes[at..], Epoch);
        Blob.Value.Write(bytes[(at + 4)..]);
        at += 4 + Id128.Size;
        BinaryPrimitives.WriteInt64BigEndian(bytes[at..], Offset);
        BinaryPrimitives.WriteInt64BigEndian(bytes[(at + 8)..], Length);
        bytes[at + 16] = (byte)Zone.Length;
        return at + 17 + Encoding.ASCII.GetBytes(Zone, bytes[(at + 17)..]);
    }

    private bool IsWithinBounds() =>
        Offset >= 0 && Length >= 1 && Offset <= long.MaxValue - Length && Expires is >= 0 and < long.MaxValue / 1000 && Since is null or >= 0
        && AcceleratorNames.IsName(Zone);
}

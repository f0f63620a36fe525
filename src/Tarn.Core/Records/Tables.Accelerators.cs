using Tarn.Core.Model;

namespace Tarn.Core.Records;

/// <summary>The rows of accelerators.</summary>
internal static partial class Tables
{
    public const byte AcceleratorToken = 0x80;
    public const byte AcceleratorSecret = 0x81;
    public const byte AcceleratorClear = 0x82;

    /// <summary>SHA-256 of the token → <see cref="Acceleration.AcceleratorToken"/>.</summary>
    public static byte[] AcceleratorTokenKey(ReadOnlySpan<byte> hash) => Concat(AcceleratorToken, hash);

    /// <summary>nothing → <see cref="Acceleration.AcceleratorSecretsRecord"/>: the keys of capabilities and continuations.</summary>
    public static byte[] AcceleratorSecretKey() => [AcceleratorSecret];

    /// <summary>time of its creation (Unix milliseconds), id → <see cref="Acceleration.StoredClear"/>.</summary>
    public static byte[] AcceleratorClearKey(long createdUnixMilliseconds, Id128 id) => [AcceleratorClear, .. Number((ulong)createdUnixMilliseconds), .. Id(id)];
}

using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Tarn.S3.Auth.SigV4;

/// <summary>The arithmetic of Signature Version 4: pure functions over bytes, for headers, queries, chunks and POST policies.</summary>
internal static class SigV4Signer
{
    public const string Algorithm = "AWS4-HMAC-SHA256";
    public const string Service = "s3";
    public const string Terminator = "aws4_request";

    /// <summary>Bytes of a signing key and of a raw signature.</summary>
    public const int KeySize = SHA256.HashSizeInBytes;

    /// <summary>Hex digits of a signature.</summary>
    public const int SignatureLength = KeySize * 2;

    /// <summary>Kept per thread: creating a digest costs as much as hashing a canonical request.</summary>
    [ThreadStatic]
    private static IncrementalHash? _sha256;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly SearchValues<char> LowerHexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>HMAC chain of secret, date (yyyyMMdd), region, service and terminator.</summary>
    public static byte[] DeriveKey(string secretKey, scoped ReadOnlySpan<char> date, scoped ReadOnlySpan<char> region, scoped ReadOnlySpan<char> service)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(date.ToString()));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(region.ToString()));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(service.ToString()));
        return HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(Terminator));
    }

    /// <summary>The scope of a client's signature.</summary>
    /// <param name="timestamp">The time of the signature, as <see cref="AmzDate.Format"/> has it.</param>
    /// <param name="region">The region.</param>
    /// <param name="service">The service.</param>
    public static string ScopeOf(string timestamp, string region, string service) => $"{timestamp[..8]}/{region}/{service}/{Terminator}";

    /// <summary>A client's signature of a canonical request, in hexadecimal.</summary>
    public static string Sign(string secretKey, string timestamp, string region, string service, scoped ReadOnlySpan<byte> canonicalRequest)
    {
        var toSign = new PooledBytes(stackalloc byte[256]);
        try
        {
            AppendStringToSign(ref toSign, timestamp, ScopeOf(timestamp, region, service), canonicalRequest);
            byte[] key = DeriveKey(secretKey, timestamp.AsSpan(0, 8), region, service);
            return Convert.ToHexStringLower(HMACSHA256.HashData(key, toSign.Written));
        }
        finally
        {
            toSign.Dispose();
        }
    }

    /// <summary>Appends the string to sign over a canonical request.</summary>
    public static void AppendStringToSign(
        ref PooledBytes output, scoped ReadOnlySpan<char> timestamp, scoped ReadOnlySpan<char> scope, scoped ReadOnlySpan<byte> canonicalRequest)
    {
        output.Append("AWS4-HMAC-SHA256\n"u8);
        output.AppendUtf8(timestamp);
        output.Append((byte)'\n');
        output.AppendUtf8(scope);
        output.Append((byte)'\n');
        Span<byte> hash = stackalloc byte[KeySize];
        var sha256 = _sha256 ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha256.AppendData(canonicalRequest);
        sha256.GetHashAndReset(hash);
        AppendHex(ref output, hash);
    }

    public static void AppendHex(ref PooledBytes output, scoped ReadOnlySpan<byte> bytes) =>
        Convert.TryToHexStringLower(bytes, output.Reserve(bytes.Length * 2), out _);

    /// <summary>Whether <paramref name="signature"/> (hex, as sent) signs the string. Takes constant time.</summary>
    public static bool Verify(scoped ReadOnlySpan<byte> signingKey, scoped ReadOnlySpan<byte> stringToSign, scoped ReadOnlySpan<char> signature)
    {
        Span<byte> expected = stackalloc byte[KeySize];
        HMACSHA256.HashData(signingKey, stringToSign, expected);
        return Matches(expected, signature);
    }

    /// <summary>Compares a signature as sent with the right one. Takes constant time.</summary>
    public static bool Matches(scoped ReadOnlySpan<byte> expected, scoped ReadOnlySpan<char> signature)
    {
        Span<byte> given = stackalloc byte[KeySize];
        return signature.Length == SignatureLength
            && IsLowerHex(signature)
            && Convert.FromHexString(signature, given, out _, out _) == OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(expected, given);
    }

    /// <summary>Whether the text is 64 hex digits, as a SHA-256 or a signature is written.</summary>
    public static bool IsHash(scoped ReadOnlySpan<char> text) =>
        text.Length == SignatureLength && !text.ContainsAnyExcept(HexDigits);

    private static bool IsLowerHex(scoped ReadOnlySpan<char> text) => !text.ContainsAnyExcept(LowerHexDigits);
}

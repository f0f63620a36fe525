using System.Buffers.Text;
using Tarn.Core.Hashing;

namespace Tarn.S3.Wire;

/// <summary>
/// The continuation token, which holds the end of the previous page. Opaque to clients: a version, the last name, and a checksum, so that a token that this
/// server did not issue is refused instead of starting a listing at an arbitrary key.
/// </summary>
internal static class ContinuationToken
{
    private const byte Version = 1;
    private const int CrcSize = 4;

    public static string Write(ReadOnlySpan<byte> last)
    {
        byte[] token = new byte[1 + last.Length + CrcSize];
        token[0] = Version;
        last.CopyTo(token.AsSpan(1));
        Crc(token.AsSpan(0, 1 + last.Length), token.AsSpan(1 + last.Length));
        return Base64Url.EncodeToString(token);
    }

    /// <returns>Null when the request has no token.</returns>
    /// <exception cref="Core.Errors.S3Exception">InvalidArgument for a token that this server did not issue.</exception>
    public static byte[]? Read(string? text)
    {
        if (text is null)
        {
            return null;
        }

        byte[] token = Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : [];
        Span<byte> crc = stackalloc byte[CrcSize];
        if (token.Length > CrcSize && token[0] == Version)
        {
            Crc(token.AsSpan(0, token.Length - CrcSize), crc);
            if (crc.SequenceEqual(token.AsSpan(token.Length - CrcSize)))
            {
                return token[1..^CrcSize];
            }
        }

        throw Arguments.Invalid("The continuation token provided is incorrect", "continuation-token", text);
    }

    private static void Crc(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        using StreamHasher hasher = StreamHasher.Create(ChecksumAlgorithm.Crc32C);
        hasher.Append(bytes);
        hasher.Finish(destination);
    }
}

using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Model;

namespace Tarn.S3.Auth.SigV2;

/// <summary>The arithmetic of Signature Version 2: base64 of an HMAC-SHA1 under the secret itself.</summary>
internal static class SigV2Signer
{
    /// <summary>How the Authorization header begins, and what <c>s3:signatureversion</c> is.</summary>
    public const string Scheme = "AWS";

    /// <summary>Characters of a signature: 20 bytes in base64.</summary>
    private const int SignatureLength = 28;

    /// <summary>Whether <paramref name="signature"/> (base64, as sent) signs the text; takes the same time wherever they differ.</summary>
    public static bool Verify(string secretKey, string stringToSign, string signature)
    {
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // What Signature Version 2 is made of; HMAC does not need a hash without collisions.
        HMACSHA1.HashData(Encoding.UTF8.GetBytes(secretKey), HeaderText.Encode(stringToSign), hash);
#pragma warning restore CA5350
        Span<char> expected = stackalloc char[SignatureLength];
        // Texts are compared, not what they decode to: base64 of 20 bytes has bits to spare, and each signature is to have one form.
        return Convert.TryToBase64Chars(hash, expected, out _)
            && signature.Length == SignatureLength
            && Ascii.IsValid(signature)
            && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected.ToString()), Encoding.ASCII.GetBytes(signature));
    }
}

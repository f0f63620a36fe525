using System.Security.Cryptography;
using System.Text;
using Tarn.Core.Model;

namespace Tarn.S3.Auth.SigV2;

/// <summary>The arithmetic of Signature Version 2: base64 of an HMAC-SHA1 under the secret itself.</summary>
internal static class SigV2Signer
{
    /// <summary>The scheme of the Authorization header, and the value of <c>s3:signatureversion</c>.</summary>
    public const string Scheme = "AWS";

    /// <summary>Characters of a signature: 20 bytes in base64.</summary>
    private const int SignatureLength = 28;

    /// <summary>Whether <paramref name="signature"/> (base64, as sent) signs the text. Takes constant time.</summary>
    public static bool Verify(string secretKey, string stringToSign, string signature)
    {
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // Signature Version 2 is defined with SHA-1; HMAC does not need collision resistance.
        HMACSHA1.HashData(Encoding.UTF8.GetBytes(secretKey), HeaderText.Encode(stringToSign), hash);
#pragma warning restore CA5350
        Span<char> expected = stackalloc char[SignatureLength];
        // Compares text, not decoded bytes: base64 of 20 bytes has unused bits, and each signature must have only one form.
        return Convert.TryToBase64Chars(hash, expected, out _)
            && signature.Length == SignatureLength
            && Ascii.IsValid(signature)
            && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected.ToString()), Encoding.ASCII.GetBytes(signature));
    }
}

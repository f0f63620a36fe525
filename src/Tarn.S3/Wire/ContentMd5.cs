using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;

namespace Tarn.S3.Wire;

/// <summary>The Content-MD5 header. Source: RFC 1864.</summary>
internal static class ContentMd5
{
    /// <summary>The 16 bytes that the body must hash to; null when the client names none.</summary>
    /// <exception cref="S3Exception">InvalidDigest when the header is not the base64 of 16 bytes.</exception>
    public static byte[]? Read(IHeaderDictionary headers)
    {
        if (headers.ContentMD5.Count == 0)
        {
            return null;
        }

        byte[] digest = new byte[16];
        string text = headers.ContentMD5.ToString();
        return text.Length == 24 && Convert.TryFromBase64String(text, digest, out int written) && written == 16
            ? digest
            : throw new S3Exception(S3Error.InvalidDigest, "The Content-MD5 you specified was invalid.");
    }
}

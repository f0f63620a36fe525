using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Tarn.Server.Control;

/// <summary>
/// What proves that a page began a session of the console: 32 random bytes that it keeps, as Base64url in the header <see cref="Header"/>. Cookies are of all ports of a host, so that a page of
/// another port can plant one; what a page keeps is of its own port alone, so that nobody else knows the proof. The server keeps its digest. Source: RFC 6265bis, section 8.5; HTML Standard, "Web storage".
/// </summary>
internal static class PageProof
{
    /// <summary>The header, which pages of other origins cannot send, since no answer allows it to them.</summary>
    public const string Header = "X-Tarn-Console";

    private const int Length = 32;

    /// <summary>The digest of a request's proof; null where the header is not there once and a proof.</summary>
    public static byte[]? HashOf(HttpRequest request)
    {
        Span<byte> proof = stackalloc byte[Length];
        return request.Headers[Header] is [{ } text] && text.Length == Base64Url.GetEncodedLength(Length)
            && Base64Url.DecodeFromChars(text, proof, out _, out int length) == OperationStatus.Done && length == Length
            ? SHA256.HashData(proof)
            : null;
    }
}

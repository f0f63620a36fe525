using System.Text;

namespace Tarn.TestKit.Signing;

/// <summary>
/// A signer at one time: for a test that changes parts of a signed request, or sends headers as bytes, one char of a value each (Latin-1).
/// </summary>
/// <param name="signer">Makes the signatures.</param>
/// <param name="time">The time of the request.</param>
public sealed class TimedSigner(SigV4TestSigner signer, DateTimeOffset time)
{
    /// <summary>The time as x-amz-date has it.</summary>
    public string Timestamp => SigV4TestSigner.Timestamp(time);

    /// <summary>The value of the credential field of a form or a query.</summary>
    public string Credential => signer.Credential(time);

    /// <summary>The Authorization header, and the signature that seeds a chunked body.</summary>
    public (string Header, string Signature) Authorize(string method, string target, IEnumerable<(string Name, string Value)> headers, string payloadHash) =>
        signer.Authorize(method, target, headers, payloadHash, time, Encoding.Latin1);

    /// <summary>The target with the query parameters of a presigned URL appended.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="target">Target as it goes on the wire.</param>
    /// <param name="headers">The signed headers, Host among them.</param>
    /// <param name="expires">X-Amz-Expires: seconds, or what a server must refuse.</param>
    public string Presign(string method, string target, IEnumerable<(string Name, string Value)> headers, string expires) =>
        signer.Presign(method, target, headers, time, expires, SigV4TestSigner.UnsignedPayload, Encoding.Latin1);

    /// <inheritdoc cref="SigV4TestSigner.SignChunk"/>
    public string SignChunk(string previous, ReadOnlySpan<byte> chunk) => signer.SignChunk(previous, chunk, time);

    /// <inheritdoc cref="SigV4TestSigner.SignTrailer"/>
    public string SignTrailer(string previous, string trailers) => signer.SignTrailer(previous, trailers, time);

    /// <summary>The signature of a form: over its policy document in base64.</summary>
    public string SignPolicy(string base64) => signer.SignText(base64, time);
}

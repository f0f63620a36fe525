using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Tarn.S3.Wire;

/// <summary>
/// Finds requests whose end is a matter of opinion: a proxy in front that has another one would let a second request hide in the first. Kestrel
/// refuses most; of transfer encodings it believes the last and passes over the rest. Source: RFC 9112, sections 6.1 and 6.3.
/// </summary>
public static class RequestFraming
{
    /// <summary>What is wrong; null: nothing.</summary>
    public static string? Fault(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        StringValues coding = request.Headers.TransferEncoding;
        return coding.Count == 0 ? null
            // Kestrel keeps the length under another name.
            : request.ContentLength is not null || request.Headers.ContainsKey("X-Content-Length") ? "A request cannot have both Transfer-Encoding and Content-Length."
            : HttpProtocol.IsHttp10(request.Protocol) ? "HTTP/1.0 has no Transfer-Encoding."
            : coding.Count > 1 || !string.Equals(coding[0], "chunked", StringComparison.OrdinalIgnoreCase) ? "The only Transfer-Encoding there is here is chunked, once."
            : null;
    }
}

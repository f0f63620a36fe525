using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Tarn.S3.Wire;

/// <summary>
/// Finds requests whose end is ambiguous: a proxy that sees another end would let a second request hide in the first. Kestrel
/// refuses most; of several transfer encodings it uses the last and ignores the others. Source: RFC 9112, sections 6.1 and 6.3.
/// </summary>
public static class RequestFraming
{
    /// <summary>Describes the problem; null when there is none.</summary>
    public static string? Fault(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        StringValues coding = request.Headers.TransferEncoding;
        return coding.Count == 0 ? null
            // Kestrel moves the length to another name.
            : request.ContentLength is not null || request.Headers.ContainsKey("X-Content-Length") ? "A request cannot have both Transfer-Encoding and Content-Length."
            : HttpProtocol.IsHttp10(request.Protocol) ? "HTTP/1.0 does not support Transfer-Encoding."
            : coding.Count > 1 || !string.Equals(coding[0], "chunked", StringComparison.OrdinalIgnoreCase) ? "The only supported Transfer-Encoding is chunked, once."
            : null;
    }
}

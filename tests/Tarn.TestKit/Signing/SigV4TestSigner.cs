using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tarn.TestKit.Signing;

/// <summary>
/// Signs requests as a client does. Written apart from the server's verification, in the plainest way, so that each
/// checks the other.
/// </summary>
public sealed class SigV4TestSigner(string accessKeyId, string secretKey, string region = "us-east-1", string service = "s3")
{
    public const string EmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <summary>Key pair of AWS's published examples.</summary>
    public static SigV4TestSigner AwsExample { get; } = new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

    public string AccessKeyId => accessKeyId;

    public string SecretKey => secretKey;

    public static string Timestamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    public string Credential(DateTimeOffset at) => $"{accessKeyId}/{Scope(at)}";

    /// <summary>The Authorization header over exactly the given headers (host, x-amz-date and x-amz-content-sha256 among them).</summary>
    public string Authorization(string method, string rawTarget, IReadOnlyDictionary<string, string> headers, DateTimeOffset at)
    {
        var hash = headers.First(header => header.Key.Equals("x-amz-content-sha256", StringComparison.OrdinalIgnoreCase)).Value;
        var signature = Signature(method, rawTarget, headers, hash, at);
        return $"AWS4-HMAC-SHA256 Credential={Credential(at)},SignedHeaders={Names(headers)},Signature={signature}";
    }

    /// <summary>The signature alone, in hex.</summary>
    public string Signature(
        string method, string rawTarget, IReadOnlyDictionary<string, string> headers, string payloadHash, DateTimeOffset at)
    {
        var split = rawTarget.Split('?', 2);
        var lines = headers.Select(header => (Name: header.Key.ToLowerInvariant(), Value: Collapse(header.Value)))
            .OrderBy(header => header.Name, StringComparer.Ordinal);
        var canonical = new StringBuilder()
            .Append(method).Append('\n')
            .Append(split[0]).Append('\n')
            .Append(split.Length > 1 ? Query(split[1]) : "").Append('\n');
        foreach (var (name, value) in lines)
        {
            canonical.Append(name).Append(':').Append(value).Append('\n');
        }

        canonical.Append('\n').Append(Names(headers)).Append('\n').Append(payloadHash);
        return Sign(at, $"AWS4-HMAC-SHA256\n{Timestamp(at)}\n{Scope(at)}\n{Hash(Encoding.UTF8.GetBytes(canonical.ToString()))}");
    }

    /// <summary>Adds x-amz-date, x-amz-content-sha256 (unless present) and authorization to a request's headers.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="rawTarget">Target as it goes on the wire.</param>
    /// <param name="headers">Headers to sign; host must be there.</param>
    /// <param name="body">Body whose hash is signed when no x-amz-content-sha256 is given.</param>
    /// <param name="at">Time of the request.</param>
    public Dictionary<string, string> SignHeaders(
        string method, string rawTarget, IReadOnlyDictionary<string, string> headers, ReadOnlySpan<byte> body, DateTimeOffset at)
    {
        var signed = new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase);
        signed["x-amz-date"] = Timestamp(at);
        signed.TryAdd("x-amz-content-sha256", Hash(body));
        signed["authorization"] = Authorization(method, rawTarget, signed, at);
        return signed;
    }

    /// <summary>The target of a presigned URL.</summary>
    public string Presign(
        string method, string rawTarget, IReadOnlyDictionary<string, string> headers, DateTimeOffset at, long expiresSeconds, string payloadHash = "UNSIGNED-PAYLOAD")
    {
        var target = rawTarget + (rawTarget.Contains('?') ? "&" : "?")
            + $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Uri.EscapeDataString(Credential(at))}"
            + $"&X-Amz-Date={Timestamp(at)}&X-Amz-Expires={expiresSeconds}&X-Amz-SignedHeaders={Uri.EscapeDataString(Names(headers))}";
        return target + "&X-Amz-Signature=" + Signature(method, target, headers, payloadHash, at);
    }

    /// <summary>An aws-chunked body whose every chunk is signed, and its trailer too when there is one.</summary>
    /// <param name="seed">Signature of the request's headers.</param>
    /// <param name="at">Time of the request.</param>
    /// <param name="body">Decoded bytes.</param>
    /// <param name="chunkSize">Bytes per chunk.</param>
    /// <param name="trailers">Trailing headers in order; null for the form without a trailer.</param>
    public byte[] SignedChunks(
        string seed, DateTimeOffset at, ReadOnlySpan<byte> body, int chunkSize, IReadOnlyList<KeyValuePair<string, string>>? trailers = null)
    {
        using var output = new MemoryStream();
        var previous = seed;
        for (var offset = 0; ; offset += chunkSize)
        {
            var chunk = offset < body.Length ? body.Slice(offset, Math.Min(chunkSize, body.Length - offset)) : default;
            previous = Sign(at, $"AWS4-HMAC-SHA256-PAYLOAD\n{Timestamp(at)}\n{Scope(at)}\n{previous}\n{EmptySha256}\n{Hash(chunk)}");
            output.Write(Encoding.ASCII.GetBytes($"{chunk.Length:x};chunk-signature={previous}\r\n"));
            if (chunk.IsEmpty)
            {
                break;
            }

            output.Write(chunk);
            output.Write("\r\n"u8);
        }

        if (trailers is not null)
        {
            var canonical = string.Concat(trailers.Select(trailer => $"{trailer.Key}:{trailer.Value}\n"));
            var signature = Sign(
                at, $"AWS4-HMAC-SHA256-TRAILER\n{Timestamp(at)}\n{Scope(at)}\n{previous}\n{Hash(Encoding.UTF8.GetBytes(canonical))}");
            output.Write(Encoding.UTF8.GetBytes(canonical.Replace("\n", "\r\n", StringComparison.Ordinal)));
            output.Write(Encoding.ASCII.GetBytes($"x-amz-trailer-signature:{signature}\r\n"));
        }

        output.Write("\r\n"u8);
        return output.ToArray();
    }

    /// <summary>An aws-chunked body without signatures (STREAMING-UNSIGNED-PAYLOAD-TRAILER).</summary>
    public static byte[] UnsignedChunks(ReadOnlySpan<byte> body, int chunkSize, IReadOnlyList<KeyValuePair<string, string>> trailers)
    {
        using var output = new MemoryStream();
        for (var offset = 0; offset < body.Length; offset += chunkSize)
        {
            var chunk = body.Slice(offset, Math.Min(chunkSize, body.Length - offset));
            output.Write(Encoding.ASCII.GetBytes($"{chunk.Length:x}\r\n"));
            output.Write(chunk);
            output.Write("\r\n"u8);
        }

        output.Write("0\r\n"u8);
        output.Write(Encoding.UTF8.GetBytes(string.Concat(trailers.Select(trailer => $"{trailer.Key}:{trailer.Value}\r\n"))));
        output.Write("\r\n"u8);
        return output.ToArray();
    }

    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string Names(IReadOnlyDictionary<string, string> headers) => string.Join(
        ';',
        headers.Keys.Select(name => name.ToLowerInvariant()).Where(name => name != "authorization").Order(StringComparer.Ordinal));

    private static string Collapse(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Query(string query) => string.Join(
        '&',
        query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => (pair + "=").Split('='))
            .Select(pair => (Name: Encode(pair[0]), Value: Encode(pair[1])))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal)
            .ThenBy(pair => pair.Value, StringComparer.Ordinal)
            .Select(pair => $"{pair.Name}={pair.Value}"));

    private static string Encode(string text) => Uri.EscapeDataString(Uri.UnescapeDataString(text));

    private string Scope(DateTimeOffset at) => $"{Timestamp(at)[..8]}/{region}/{service}/aws4_request";

    private string Sign(DateTimeOffset at, string text)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (var step in Scope(at).Split('/').Append(text))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        }

        return Convert.ToHexStringLower(key);
    }
}

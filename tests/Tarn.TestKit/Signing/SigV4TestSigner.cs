using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tarn.TestKit.Signing;

/// <summary>
/// Signs requests with Signature Version 4 as a client does, for all tests. Written apart from the server's verification, in the plainest
/// way, so that each checks the other. Source: Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)".
/// </summary>
public sealed class SigV4TestSigner(string accessKeyId, string secretKey, string region = "us-east-1", string service = "s3")
{
    /// <summary>What stands for the hash of a payload that is not signed.</summary>
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

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
        return Authorize(method, rawTarget, Pairs(headers), hash, at).Header;
    }

    /// <summary>The Authorization header over exactly the given headers, which may repeat, and the signature in it.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="rawTarget">Target as it goes on the wire.</param>
    /// <param name="headers">The headers to sign.</param>
    /// <param name="payloadHash">What x-amz-content-sha256 says.</param>
    /// <param name="at">Time of the request.</param>
    /// <param name="headerEncoding">How the values' characters become bytes on the wire; null: UTF-8.</param>
    public (string Header, string Signature) Authorize(
        string method,
        string rawTarget,
        IEnumerable<(string Name, string Value)> headers,
        string payloadHash,
        DateTimeOffset at,
        Encoding? headerEncoding = null)
    {
        var (signature, names) = Signature(method, rawTarget, headers, payloadHash, at, headerEncoding);
        return ($"AWS4-HMAC-SHA256 Credential={Credential(at)}, SignedHeaders={names}, Signature={signature}", signature);
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
        string method, string rawTarget, IReadOnlyDictionary<string, string> headers, DateTimeOffset at, long expiresSeconds, string payloadHash = UnsignedPayload) =>
        Presign(method, rawTarget, Pairs(headers), at, expiresSeconds.ToString(CultureInfo.InvariantCulture), payloadHash);

    /// <summary>The target of a presigned URL with any X-Amz-Expires; headers as in <see cref="Authorize"/>.</summary>
    public string Presign(
        string method,
        string rawTarget,
        IEnumerable<(string Name, string Value)> headers,
        DateTimeOffset at,
        string expires,
        string payloadHash,
        Encoding? headerEncoding = null)
    {
        (string Name, string Value)[] signed = [.. headers];
        var target = rawTarget + (rawTarget.Contains('?') ? "&" : "?")
            + $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Uri.EscapeDataString(Credential(at))}"
            + $"&X-Amz-Date={Timestamp(at)}&X-Amz-Expires={expires}&X-Amz-SignedHeaders={Uri.EscapeDataString(Names(Canonical(signed)))}";
        return target + "&X-Amz-Signature=" + Signature(method, target, signed, payloadHash, at, headerEncoding).Signature;
    }

    /// <summary>The signature of one chunk of a signed aws-chunked body.</summary>
    public string SignChunk(string previous, ReadOnlySpan<byte> chunk, DateTimeOffset at) =>
        SignText($"AWS4-HMAC-SHA256-PAYLOAD\n{Timestamp(at)}\n{Scope(at)}\n{previous}\n{EmptySha256}\n{Hash(chunk)}", at);

    /// <summary>The signature of the trailing headers, given as the lines "name:value\n".</summary>
    public string SignTrailer(string previous, string trailers, DateTimeOffset at) =>
        SignText($"AWS4-HMAC-SHA256-TRAILER\n{Timestamp(at)}\n{Scope(at)}\n{previous}\n{Hash(Encoding.UTF8.GetBytes(trailers))}", at);

    /// <summary>The signature of any text: a string to sign, or a form's policy in base64.</summary>
    public string SignText(string text, DateTimeOffset at)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (var step in Scope(at).Split('/').Append(text))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        }

        return Convert.ToHexStringLower(key);
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
            previous = SignChunk(previous, chunk, at);
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
            var signature = SignTrailer(previous, canonical, at);
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

    private static IEnumerable<(string Name, string Value)> Pairs(IReadOnlyDictionary<string, string> headers) =>
        headers.Where(header => !header.Key.Equals("authorization", StringComparison.OrdinalIgnoreCase)).Select(header => (header.Key, header.Value));

    private static (string Name, string Value)[] Canonical(IEnumerable<(string Name, string Value)> headers) =>
    [
        .. headers.GroupBy(header => header.Name.ToLowerInvariant())
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, string.Join(',', group.Select(header => Collapse(header.Value))))),
    ];

    private static string Names(IEnumerable<(string Name, string Value)> canonical) => string.Join(';', canonical.Select(header => header.Name));

    private static string Collapse(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Query(string query) => string.Join(
        '&',
        query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Select(pair => (Name: Encode(pair[0]), Value: pair.Length > 1 ? Encode(pair[1]) : ""))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal)
            .ThenBy(pair => pair.Value, StringComparer.Ordinal)
            .Select(pair => $"{pair.Name}={pair.Value}"));

    private static string Encode(string text) => Uri.EscapeDataString(Uri.UnescapeDataString(text));

    private string Scope(DateTimeOffset at) => $"{Timestamp(at)[..8]}/{region}/{service}/aws4_request";

    private (string Signature, string Names) Signature(
        string method, string rawTarget, IEnumerable<(string Name, string Value)> headers, string payloadHash, DateTimeOffset at, Encoding? headerEncoding)
    {
        var split = rawTarget.Split('?', 2);
        var signed = Canonical(headers);
        var names = Names(signed);
        var lines = string.Concat(signed.Select(header => $"{header.Name}:{header.Value}\n"));
        var canonical = $"{method}\n{split[0]}\n{(split.Length > 1 ? Query(split[1]) : "")}\n{lines}\n{names}\n{payloadHash}";
        var hash = Hash((headerEncoding ?? Encoding.UTF8).GetBytes(canonical));
        return (SignText($"AWS4-HMAC-SHA256\n{Timestamp(at)}\n{Scope(at)}\n{hash}", at), names);
    }
}

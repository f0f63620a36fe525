using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tarn.Conformance.Support;

/// <summary>
/// Signature Version 4 as a client computes it, independent of the server's code so that one checks the other.
/// Source: Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)".
/// </summary>
public sealed class SigV4(string accessKey, string secretKey, string region, DateTimeOffset time, string service = "s3")
{
    public const string Unsigned = "UNSIGNED-PAYLOAD";
    public const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    public string Timestamp { get; } = time.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    public string Scope => $"{Timestamp[..8]}/{region}/{service}/aws4_request";

    public static string Sha256(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(SHA256.HashData(data));

    /// <summary>The Authorization header, and the signature that seeds a chunked body.</summary>
    public (string Header, string Signature) Authorize(string method, string target, IEnumerable<(string Name, string Value)> headers, string payloadHash)
    {
        (string canonical, string names) = Canonical(method, target, headers, payloadHash);
        string signature = Sign(canonical);
        return ($"AWS4-HMAC-SHA256 Credential={accessKey}/{Scope}, SignedHeaders={names}, Signature={signature}", signature);
    }

    /// <summary>The target with the query parameters of a presigned URL appended.</summary>
    public string Presign(string method, string target, IEnumerable<(string Name, string Value)> headers, string expires)
    {
        (string Name, string Value)[] signed = [.. headers];
        string names = string.Join(';', signed.Select(h => h.Name.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal));
        string all = target + (target.Contains('?', StringComparison.Ordinal) ? "&" : "?")
            + "X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=" + Uri.EscapeDataString($"{accessKey}/{Scope}")
            + "&X-Amz-Date=" + Timestamp
            + "&X-Amz-Expires=" + expires
            + "&X-Amz-SignedHeaders=" + Uri.EscapeDataString(names);
        return all + "&X-Amz-Signature=" + Sign(Canonical(method, all, signed, Unsigned).Request);
    }

    /// <summary>The signature of one chunk of STREAMING-AWS4-HMAC-SHA256-PAYLOAD.</summary>
    public string SignChunk(string previous, ReadOnlySpan<byte> chunk) =>
        Hmac($"AWS4-HMAC-SHA256-PAYLOAD\n{Timestamp}\n{Scope}\n{previous}\n{EmptyHash}\n{Sha256(chunk)}");

    /// <summary>The signature of the trailing headers, given as the lines "name:value\n".</summary>
    public string SignTrailer(string previous, string trailers) =>
        Hmac($"AWS4-HMAC-SHA256-TRAILER\n{Timestamp}\n{Scope}\n{previous}\n{Sha256(Encoding.UTF8.GetBytes(trailers))}");

    /// <summary>The value of a form's credential field.</summary>
    public string Credential => $"{accessKey}/{Scope}";

    /// <summary>The signature of a form: over its policy document in base64.</summary>
    public string SignPolicy(string base64) => Hmac(base64);

    private static (string Request, string SignedHeaders) Canonical(string method, string target, IEnumerable<(string Name, string Value)> headers, string payloadHash)
    {
        int question = target.IndexOf('?', StringComparison.Ordinal);
        string path = question < 0 ? target : target[..question];
        string query = question < 0 ? "" : target[(question + 1)..];
        IEnumerable<(string Name, string Value)> parameters = query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Split('=', 2)).Select(p => (Recode(p[0]), p.Length > 1 ? Recode(p[1]) : ""));
        string canonicalQuery = string.Join('&', parameters
            .OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Value, StringComparer.Ordinal)
            .Select(p => $"{p.Name}={p.Value}"));
        (string Name, string Value)[] grouped = [.. headers
            .GroupBy(h => h.Name.ToLowerInvariant())
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => (g.Key, string.Join(',', g.Select(h => string.Join(' ', h.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))))))];
        string names = string.Join(';', grouped.Select(h => h.Name));
        string lines = string.Concat(grouped.Select(h => $"{h.Name}:{h.Value}\n"));
        return ($"{method}\n{path}\n{canonicalQuery}\n{lines}\n{names}\n{payloadHash}", names);
    }

    private static string Recode(string text) => Uri.EscapeDataString(Uri.UnescapeDataString(text));

    /// <summary>Header values are Latin-1, one char a byte.</summary>
    private string Sign(string canonicalRequest) =>
        Hmac($"AWS4-HMAC-SHA256\n{Timestamp}\n{Scope}\n{Sha256(Encoding.Latin1.GetBytes(canonicalRequest))}");

    private string Hmac(string stringToSign)
    {
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (string part in Scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(stringToSign)));
    }
}

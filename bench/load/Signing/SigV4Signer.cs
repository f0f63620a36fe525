using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tarn.Load.Signing;

/// <summary>
/// Signs requests with AWS Signature Version 4 in the Authorization header, at the cost of two hashes and one HMAC each.
/// The signed headers are always host, x-amz-content-sha256 and x-amz-date. One instance serves one thread.
/// Source: AWS "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)".
/// </summary>
internal sealed class SigV4Signer
{
    private readonly string _accessKey;
    private readonly string _region;
    private readonly byte[] _secret;
    private readonly byte[] _signingKey = new byte[32];
    private readonly ByteBuffer _scratch = new(4096);
    private byte[] _authorizationStart = [];
    private byte[] _scope = [];
    private byte[] _amzDate = [];
    private long _second = -1;
    private string _day = "";

    public SigV4Signer(string accessKey, string secretKey, string region)
    {
        _accessKey = accessKey;
        _region = region;
        _secret = Encoding.UTF8.GetBytes("AWS4" + secretKey);
    }

    /// <summary>Appends the three signature headers, each ended by CRLF, to <paramref name="output"/>.</summary>
    /// <param name="output">The request head under construction.</param>
    /// <param name="method">GET, PUT, …</param>
    /// <param name="host">The Host header exactly as sent.</param>
    /// <param name="path">The encoded path exactly as sent.</param>
    /// <param name="query">The encoded query without '?', parameters already sorted by name; empty for none.</param>
    /// <param name="payloadHash">64 hex digits, or UNSIGNED-PAYLOAD.</param>
    /// <param name="now">The request's time.</param>
    public void AppendHeaders(
        ByteBuffer output, ReadOnlySpan<byte> method, ReadOnlySpan<byte> host, ReadOnlySpan<byte> path,
        ReadOnlySpan<byte> query, ReadOnlySpan<byte> payloadHash, DateTimeOffset now)
    {
        UseTime(now);
        _scratch.Clear();
        _scratch.Append(method);
        _scratch.Append("\n"u8);
        _scratch.Append(path);
        _scratch.Append("\n"u8);
        _scratch.Append(query);
        _scratch.Append("\nhost:"u8);
        _scratch.Append(host);
        _scratch.Append("\nx-amz-content-sha256:"u8);
        _scratch.Append(payloadHash);
        _scratch.Append("\nx-amz-date:"u8);
        _scratch.Append(_amzDate);
        _scratch.Append("\n\nhost;x-amz-content-sha256;x-amz-date\n"u8);
        _scratch.Append(payloadHash);

        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(_scratch.Written, hash);

        _scratch.Clear();
        _scratch.Append("AWS4-HMAC-SHA256\n"u8);
        _scratch.Append(_amzDate);
        _scratch.Append("\n"u8);
        _scratch.Append(_scope);
        _scratch.Append("\n"u8);
        _scratch.AppendHex(hash);
        HMACSHA256.HashData(_signingKey, _scratch.Written, hash);

        output.Append("x-amz-date: "u8);
        output.Append(_amzDate);
        output.Append("\r\nx-amz-content-sha256: "u8);
        output.Append(payloadHash);
        output.Append("\r\nAuthorization: "u8);
        output.Append(_authorizationStart);
        output.AppendHex(hash);
        output.Append("\r\n"u8);
    }

    /// <summary>Brings the date (every second) and the signing key (every day) up to <paramref name="now"/>.</summary>
    private void UseTime(DateTimeOffset now)
    {
        long second = now.ToUnixTimeSeconds();
        if (second == _second)
        {
            return;
        }

        _second = second;
        string amzDate = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        _amzDate = Encoding.ASCII.GetBytes(amzDate);
        string day = amzDate[..8];
        if (day == _day)
        {
            return;
        }

        _day = day;
        string scope = $"{day}/{_region}/s3/aws4_request";
        _scope = Encoding.ASCII.GetBytes(scope);
        _authorizationStart = Encoding.ASCII.GetBytes(
            $"AWS4-HMAC-SHA256 Credential={_accessKey}/{scope},SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=");
        byte[] key = HMACSHA256.HashData(_secret, Encoding.ASCII.GetBytes(day));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(_region));
        key = HMACSHA256.HashData(key, "s3"u8);
        HMACSHA256.HashData(key, "aws4_request"u8, _signingKey);
    }
}

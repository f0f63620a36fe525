using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Tarn.S3.Auth.SigV4;

namespace Tarn.S3.Auth;

/// <summary>Signs requests as a client of <see cref="SignedRequests"/>.</summary>
public static class RequestSigner
{
    /// <summary>The headers to send with a request, Authorization among them.</summary>
    /// <param name="accessKeyId">The access key id to sign with.</param>
    /// <param name="secretKey">Its secret.</param>
    /// <param name="service">The service in the credential scope.</param>
    /// <param name="method">HTTP method.</param>
    /// <param name="target">The absolute URL; its path and query are signed as they are sent.</param>
    /// <param name="body">The whole body.</param>
    /// <param name="now">The time of the signature.</param>
    /// <param name="region">The region in the credential scope; the control API takes any.</param>
    /// <param name="more">Other headers of the request to sign, their names in lower case; they are not among those returned.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Sign(
        string accessKeyId, string secretKey, string service, string method, Uri target, ReadOnlySpan<byte> body, DateTimeOffset now, string region = "tarn",
        IEnumerable<KeyValuePair<string, string>>? more = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        string timestamp = AmzDate.Format(now);
        string hash = Convert.ToHexStringLower(SHA256.HashData(body));
        string scope = SigV4Signer.ScopeOf(timestamp, region, service);
        var headers = new HeaderDictionary { ["host"] = target.Authority, ["x-amz-content-sha256"] = hash, ["x-amz-date"] = timestamp };
        foreach ((string name, string value) in more ?? [])
        {
            headers[name] = value;
        }

        string signed = string.Join(';', headers.Keys.Order(StringComparer.Ordinal));
        var canonical = new PooledBytes(stackalloc byte[1024]);
        try
        {
            CanonicalRequest.Append(
                ref canonical, method, RawTarget.Parse(target.PathAndQuery), headers, signed, signed.Split(';'), hash, presigned: false);
            string signature = SigV4Signer.Sign(secretKey, timestamp, region, service, canonical.Written);
            return
            [
                new("x-amz-content-sha256", hash),
                new("x-amz-date", timestamp),
                new("Authorization", $"{SigV4Signer.Algorithm} Credential={accessKeyId}/{scope}, SignedHeaders={signed}, Signature={signature}"),
            ];
        }
        finally
        {
            canonical.Dispose();
        }
    }
}

using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Identity;
using Tarn.S3.Auth.SigV4;

namespace Tarn.S3.Auth;

/// <summary>What a presigned URL is to be for.</summary>
public sealed record UrlToSign
{
    /// <summary>HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>The URL of the S3 endpoint as its client reaches it, with a path prefix if there is one, without a slash at its end.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The bucket's name; null for the service.</summary>
    public string? Bucket { get; init; }

    /// <summary>The key; null for the bucket.</summary>
    public string? Key { get; init; }

    /// <summary>The query; none of its names is one of those that signatures have: see <see cref="UrlSigner.IsParameterOfSignature"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>Headers that the request must have, with names in lower case; <c>host</c> is added.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>How long it is valid, in whole seconds.</summary>
    public required TimeSpan Life { get; init; }
}

/// <summary>
/// Presigns URLs for S3: path style, the body not signed. Source: Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
/// </summary>
public static class UrlSigner
{
    /// <summary>What signatures of version 4 have, as parameters or as headers.</summary>
    private static readonly HashSet<string> OfSignature = new(StringComparer.OrdinalIgnoreCase)
    {
        "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Content-Sha256",
    };

    /// <summary>What signatures of version 2 have as parameters. A header <c>Expires</c> is the object's own.</summary>
    private static readonly HashSet<string> OfVersion2 = new(StringComparer.OrdinalIgnoreCase) { "AWSAccessKeyId", "Signature", "Expires" };

    /// <summary>Whether a parameter is a part of a signature of version 4 or 2, in whatever case.</summary>
    public static bool IsParameterOfSignature(string name) => OfSignature.Contains(name) || OfVersion2.Contains(name);

    /// <summary>Whether a header is a part of a signature, in whatever case; <c>Authorization</c> is not among them.</summary>
    public static bool IsHeaderOfSignature(string name) => OfSignature.Contains(name);

    /// <summary>Signs a URL with an access key that needs no session token.</summary>
    /// <param name="url">What it is for.</param>
    /// <param name="key">The access key.</param>
    /// <param name="region">The server's region.</param>
    /// <param name="now">The time of the signature.</param>
    /// <exception cref="ArgumentException">The key needs a session token, which its credential does not have.</exception>
    public static string Sign(UrlToSign url, Credential key, string region, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(key);
        if (key.TokenHash is not null)
        {
            throw new ArgumentException("A URL that is signed with these credentials would need their session token.", nameof(key));
        }

        string timestamp = AmzDate.Format(now);
        string scope = SigV4Signer.ScopeOf(timestamp, region, SigV4Signer.Service);
        var headers = new HeaderDictionary { ["host"] = url.Endpoint.Authority };
        foreach ((string name, string value) in url.Headers)
        {
            headers[name] = value;
        }

        string[] names = [.. headers.Keys.Order(StringComparer.Ordinal)];
        string signed = string.Join(';', names);
        string path = PathOf(url);
        string query = QueryOf(
        [
            .. url.Query,
            new("X-Amz-Algorithm", SigV4Signer.Algorithm),
            new("X-Amz-Credential", $"{key.AccessKeyId}/{scope}"),
            new("X-Amz-Date", timestamp),
            new("X-Amz-Expires", ((long)url.Life.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
            new("X-Amz-SignedHeaders", signed),
        ]);
        var canonical = new PooledBytes(stackalloc byte[1024]);
        try
        {
            CanonicalRequest.Append(
                ref canonical, url.Method, new RawTarget(path.AsMemory(), query.AsMemory()), headers, signed, names, PayloadForms.Unsigned, presigned: true, PathForm.Decoded);
            string signature = SigV4Signer.Sign(key.SecretKey, timestamp, region, SigV4Signer.Service, canonical.Written);
            return $"{url.Endpoint.GetLeftPart(UriPartial.Authority)}{path}?{query}&X-Amz-Signature={signature}";
        }
        finally
        {
            canonical.Dispose();
        }
    }

    /// <summary>
    /// The escaped path. Browsers resolve the segments <c>.</c> and <c>..</c>, escaped ones too: in a key that has one every slash is escaped, so that it is a part of a name.
    /// Source: URL Standard, "path state" and "single-dot path segment".
    /// </summary>
    private static string PathOf(UrlToSign url)
    {
        string prefix = url.Endpoint.AbsolutePath.TrimEnd('/');
        if (url.Bucket is null)
        {
            return prefix + "/";
        }

        string bucket = $"{prefix}/{Uri.EscapeDataString(url.Bucket)}";
        if (url.Key is null)
        {
            return bucket;
        }

        string[] segments = url.Key.Split('/');
        string slash = segments.Any(static segment => segment is "." or "..") ? "%2F" : "/";
        return $"{bucket}/{string.Join(slash, segments.Select(Uri.EscapeDataString))}";
    }

    private static string QueryOf(IReadOnlyList<KeyValuePair<string, string>> pairs) =>
        string.Join('&', pairs.Select(static pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
}

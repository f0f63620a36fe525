using System.Text.Json.Serialization;

namespace Tarn.Server.Control.Tarn;

/// <summary>Who signs in to the console: an access key and its secret, or a token.</summary>
internal sealed record SignInBody
{
    /// <summary>The access key id; with <c>secretKey</c>.</summary>
    public string? AccessKey { get; init; }

    /// <summary>Its secret.</summary>
    public string? SecretKey { get; init; }

    /// <summary>A token, <c>key-…</c>, instead of both.</summary>
    public string? Token { get; init; }

    // The generated ToString would show the secrets.
    public override string ToString() => AccessKey ?? "";
}

/// <summary>A session of the console.</summary>
internal sealed record SessionView : IIdentified
{
    /// <summary>Who is signed in, as people say it: <c>ORGANIZATION</c> for its root user, <c>ORGANIZATION/USER</c>, or <c>ORGANIZATION/role/ROLE</c>.</summary>
    public required string Principal { get; init; }

    /// <summary>Their ARN.</summary>
    public required string Arn { get; init; }

    /// <summary>Their organization.</summary>
    public required string Organization { get; init; }

    /// <summary>The user's name; null for a root user and for a role.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? User { get; init; }

    /// <summary>The access key that signed in; null without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? AccessKey { get; init; }

    /// <summary>Whether it is the organization's root user, whose key has no policy.</summary>
    public required bool IsRoot { get; init; }

    /// <summary>Whether it is the server's root user, whose key has no policy.</summary>
    public required bool IsServerRoot { get; init; }

    /// <summary>When the session ends at the latest.</summary>
    public required DateTime ExpiresAt { get; init; }

    /// <summary>The URL of the S3 endpoint as this browser reaches it, as far as the server knows, without a slash at its end; null where that would be an IPv6 address, which no content security policy can name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? S3Url { get; init; }

    /// <summary>The region of the server.</summary>
    public required string Region { get; init; }

    /// <summary>What to show: names of pages and features. Each call is decided anew.</summary>
    public required IReadOnlyList<string> May { get; init; }

    /// <summary>The id of the session's temporary credentials, for the audit log.</summary>
    [JsonIgnore]
    public string Id { get; init; } = "";

    string IIdentified.Identity => Id;
}

/// <summary>A URL to presign.</summary>
internal sealed record PresignBody
{
    /// <summary><c>GET</c>, <c>HEAD</c>, <c>PUT</c>, <c>POST</c> or <c>DELETE</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The bucket or disk; absent for the list of buckets.</summary>
    public string? Bucket { get; init; }

    /// <summary>The key, at most 1024 bytes as UTF-8; absent for the bucket.</summary>
    public string? Key { get; init; }

    /// <summary>The query; a setting is a name with an empty text.</summary>
    public IReadOnlyDictionary<string, string>? Query { get; init; }

    /// <summary>Headers of the request; all are signed.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>How many seconds it is valid, 1 to 900; 300 by default, and never longer than the session.</summary>
    public int? ExpiresIn { get; init; }
}

/// <summary>A presigned URL.</summary>
/// <param name="Url">The URL.</param>
/// <param name="Headers">The headers that the request must have, with names in lower case.</param>
internal sealed record PresignedView(string Url, IReadOnlyDictionary<string, string> Headers)
{
    // The generated ToString would show the signature.
    public override string ToString() => nameof(PresignedView);
}

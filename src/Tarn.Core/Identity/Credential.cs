namespace Tarn.Core.Identity;

/// <summary>An access key with the secret that verifies its signatures.</summary>
/// <param name="AccessKeyId">Public half, as clients send it.</param>
/// <param name="SecretKey">Shared secret; never written to logs or answers.</param>
/// <param name="Principal">The principal that the key authenticates.</param>
/// <param name="Expires">When the key expires, after which it is treated as unknown; null: never.</param>
public sealed record Credential(string AccessKeyId, string SecretKey, Principal Principal, DateTimeOffset? Expires)
{
    /// <summary>SHA-256 of the session token that every request must carry; null when the key works without one and must come without one.</summary>
    public byte[]? TokenHash { get; init; }

    /// <summary>When the key was created; the default for the server's root key. Tells a key from a later one with the same id.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Leaves the secret out, so that a credential in a log line or an exception cannot leak it.</summary>
    public override string ToString() => $"Credential {{ AccessKeyId = {AccessKeyId}, Expires = {Expires:O} }}";
}

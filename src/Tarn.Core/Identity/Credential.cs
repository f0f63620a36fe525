namespace Tarn.Core.Identity;

/// <summary>An access key with the secret that verifies its signatures.</summary>
/// <param name="AccessKeyId">Public half, as clients send it.</param>
/// <param name="SecretKey">Shared secret; never written to logs or answers.</param>
/// <param name="Principal">The principal that the key authenticates.</param>
/// <param name="Expires">When the key expires, after which it is treated as unknown; null: never.</param>
public sealed record Credential(string AccessKeyId, string SecretKey, Principal Principal, DateTimeOffset? Expires)
{
    /// <summary>Leaves the secret out, so that a credential in a log line or an exception cannot leak it.</summary>
    public override string ToString() => $"Credential {{ AccessKeyId = {AccessKeyId}, Expires = {Expires:O} }}";
}

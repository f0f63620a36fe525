namespace Tarn.Core.Identity;

/// <summary>An access key with the secret that verifies its signatures.</summary>
/// <param name="AccessKeyId">Public half, as clients send it.</param>
/// <param name="SecretKey">Shared secret; never written to logs or answers.</param>
/// <param name="Principal">Who the key speaks for.</param>
/// <param name="Expires">From this instant on the key is as unknown as one that never existed; null: no end.</param>
public sealed record Credential(string AccessKeyId, string SecretKey, Principal Principal, DateTimeOffset? Expires)
{
    /// <summary>Leaves the secret out, so that a credential in a log line or an exception cannot leak it.</summary>
    public override string ToString() => $"Credential {{ AccessKeyId = {AccessKeyId}, Expires = {Expires:O} }}";
}

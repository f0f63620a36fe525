namespace Tarn.Core.Identity;

/// <summary>Where the authenticator looks up access keys. Called once for every signed request: expected to be a cache.</summary>
public interface ICredentialSource
{
    /// <summary>The credential, or null when no such key exists. Expiry is the caller's to check.</summary>
    ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken);
}

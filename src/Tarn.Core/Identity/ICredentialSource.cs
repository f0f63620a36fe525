namespace Tarn.Core.Identity;

/// <summary>The source of access keys for authentication. Called once for every signed request, so an implementation should cache.</summary>
public interface ICredentialSource
{
    /// <summary>The credential, or null when no such key exists. Expiry is the caller's to check.</summary>
    ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken);
}

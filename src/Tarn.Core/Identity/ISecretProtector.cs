namespace Tarn.Core.Identity;

/// <summary>
/// Encrypts secrets before they are stored. Authenticated: a secret that was changed, or moved to another subject, does not decrypt.
/// </summary>
public interface ISecretProtector
{
    /// <param name="subject">What the secret belongs to; needed again to decrypt it.</param>
    /// <param name="secret">The secret in clear.</param>
    byte[] Protect(string subject, string secret);

    /// <exception cref="SecretUnreadableException">The bytes are damaged, belong to another subject, or were encrypted with a missing key.</exception>
    string Unprotect(string subject, byte[] protectedSecret);
}

/// <summary>A stored secret does not decrypt.</summary>
public sealed class SecretUnreadableException : IOException
{
    /// <inheritdoc/>
    public SecretUnreadableException() { }

    /// <inheritdoc/>
    public SecretUnreadableException(string message) : base(message) { }

    /// <inheritdoc/>
    public SecretUnreadableException(string message, Exception inner) : base(message, inner) { }
}

using System.Buffers.Text;
using System.Globalization;
using Tarn.Core.Identity;

namespace Tarn.Core.Sharing;

/// <summary>
/// Creates and reads the tokens of share links: link id, expiry and a digest of the target, encrypted and authenticated with the server's
/// key ring, as base64url. Every node that has the ring can read them, and can refuse a forged or expired one without a look-up.
/// </summary>
internal sealed class ShareTokens(ISecretProtector protector)
{
    /// <summary>Longest token that is examined, in characters.</summary>
    public const int MaxLength = 1024;

    private const string Subject = "share-link";
    private const string Version = "1";

    public string Make(ShareLink link) => Base64Url.EncodeToString(protector.Protect(Subject, string.Create(
        CultureInfo.InvariantCulture,
        $"{Version}.{link.Id}.{link.Expires.ToUnixTimeSeconds()}.{Convert.ToHexStringLower(link.Target.Digest())}")));

    /// <summary>Reads a token; null when it is not genuine.</summary>
    public ShareClaim? Read(string token)
    {
        if (token.Length is 0 or > MaxLength || !Base64Url.IsValid(token))
        {
            return null;
        }

        byte[] bytes = Base64Url.DecodeFromChars(token);

        // The last character may have unused bits: only the canonical encoding is accepted.
        if (!string.Equals(Base64Url.EncodeToString(bytes), token, StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            string[] parts = protector.Unprotect(Subject, bytes).Split('.');
            return parts is [Version, var id, var expires, var digest]
                ? new ShareClaim(id, DateTimeOffset.FromUnixTimeSeconds(long.Parse(expires, CultureInfo.InvariantCulture)), Convert.FromHexString(digest))
                : null;
        }
        catch (SecretUnreadableException)
        {
            return null;
        }
    }
}

/// <summary>The contents of a genuine token.</summary>
/// <param name="Digest"><see cref="ShareTarget.Digest"/>.</param>
internal sealed record ShareClaim(string LinkId, DateTimeOffset Expires, byte[] Digest);

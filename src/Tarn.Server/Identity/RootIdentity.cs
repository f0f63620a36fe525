using Tarn.Server.Configuration;

namespace Tarn.Server.Identity;

/// <summary>The server's root user, who may do everything and owns what it creates.</summary>
/// <param name="CanonicalId">64 lower-case hexadecimal digits, the same for the life of the data directory.</param>
/// <param name="Key">Its access key.</param>
/// <param name="IsNewKey">Whether this start generated the key: it is shown only then.</param>
internal sealed record RootIdentity(string CanonicalId, RootKey Key, bool IsNewKey)
{
    /// <summary>The owner's display name in S3 answers.</summary>
    public const string DisplayName = "root";
}

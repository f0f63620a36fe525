using System.Text;

namespace Tarn.Core.Records;

/// <summary>The rows of identity. Names contain no zero byte, so one separates them.</summary>
internal static partial class Tables
{
    public const byte Organization = 0x60;
    public const byte User = 0x61;
    public const byte AccessKey = 0x62;
    public const byte AccessKeyByUser = 0x63;
    public const byte CanonicalId = 0x64;
    public const byte Email = 0x65;
    public const byte UserId = 0x66;
    public const byte ApiToken = 0x67;
    public const byte ApiTokenByUser = 0x68;
    public const byte OrganizationPolicy = 0x69;
    public const byte KeyRing = 0x6A;
    public const byte RootKey = 0x6B;
    public const byte AccessKeyUse = 0x6C;
    public const byte TemporaryKey = 0x6D;
    public const byte TemporaryKeyByExpiry = 0x6E;
    public const byte TemporaryKeyByHolder = 0x6F;
    public const byte Issuer = 0x77;
    public const byte Role = 0x78;

    /// <summary>organization → <see cref="Identity.Organization"/>.</summary>
    public static byte[] OrganizationKey(string organization) => Texts(Organization, organization);

    /// <summary>organization, user → <see cref="Identity.User"/>.</summary>
    public static byte[] UserKey(string organization, string user) => Texts(User, organization, user);

    /// <summary>access key id → <see cref="Identity.AccessKey"/>.</summary>
    public static byte[] AccessKeyKey(string id) => Texts(AccessKey, id);

    /// <summary>organization, user (empty: the root user), access key id → nothing.</summary>
    public static byte[] AccessKeyByUserKey(string organization, string? user, string id) => Texts(AccessKeyByUser, organization, user ?? "", id);

    /// <summary>canonical id → <see cref="Identity.IdentityPointer"/> to the organization that has it.</summary>
    public static byte[] CanonicalIdKey(string canonicalId) => Texts(CanonicalId, canonicalId);

    /// <summary>e-mail address → <see cref="Identity.IdentityPointer"/> to the organization or user that has it, ignoring case.</summary>
    public static byte[] EmailKey(string email) => Texts(Email, email.ToLowerInvariant());

    /// <summary>organization, user id → <see cref="Identity.IdentityPointer"/> to the user that has it.</summary>
    public static byte[] UserIdKey(string organization, string userId) => Texts(UserId, organization, userId);

    /// <summary>SHA-256 of the token → <see cref="Identity.ApiToken"/>.</summary>
    public static byte[] ApiTokenKey(ReadOnlySpan<byte> hash) => Concat(ApiToken, hash);

    /// <summary>organization, user (empty: the root user), SHA-256 of the token → nothing.</summary>
    public static byte[] ApiTokenByUserKey(string organization, string? user, ReadOnlySpan<byte> hash) =>
        [.. Texts(ApiTokenByUser, organization, user ?? "", ""), .. hash];

    /// <summary>organization, policy name → <see cref="Identity.StoredPolicy"/>.</summary>
    public static byte[] OrganizationPolicyKey(string organization, string name) => Texts(OrganizationPolicy, organization, name);

    /// <summary>name of a key → <see cref="Identity.KeyRingRecord"/>: the keys that secrets are encrypted with.</summary>
    public static byte[] KeyRingKey(string name) => Texts(KeyRing, name);

    /// <summary>nothing → <see cref="Identity.RootKeyRecord"/>: the generated key of the server's root user.</summary>
    public static byte[] RootKeyKey() => [RootKey];

    /// <summary>access key id → <see cref="Identity.AccessKeyUse"/>: when it was last used.</summary>
    public static byte[] AccessKeyUseKey(string id) => Texts(AccessKeyUse, id);

    /// <summary>access key id → <see cref="Identity.TemporaryKey"/>.</summary>
    public static byte[] TemporaryKeyKey(string id) => Texts(TemporaryKey, id);

    /// <summary>expiry (Unix milliseconds), access key id → nothing: the temporary keys to remove, by time.</summary>
    public static byte[] TemporaryKeyByExpiryKey(long expiresUnixMilliseconds, string id) =>
        [TemporaryKeyByExpiry, .. Number((ulong)expiresUnixMilliseconds), .. Encoding.UTF8.GetBytes(id)];

    /// <summary>organization, holder, expiry (Unix milliseconds), access key id → nothing: the temporary keys of one principal.</summary>
    public static byte[] TemporaryKeyByHolderKey(string organization, string holder, long expiresUnixMilliseconds, string id) =>
        [.. Texts(TemporaryKeyByHolder, organization, holder, ""), .. Number((ulong)expiresUnixMilliseconds), .. Encoding.UTF8.GetBytes(id)];

    /// <summary>organization, name → <see cref="Identity.OidcIssuer"/>.</summary>
    public static byte[] IssuerKey(string organization, string name) => Texts(Issuer, organization, name);

    /// <summary>organization, name → <see cref="Identity.IdentityRole"/>.</summary>
    public static byte[] RoleKey(string organization, string name) => Texts(Role, organization, name);

    /// <summary>The prefix of the rows of all users of an organization, in a table with the keys organization, user, id.</summary>
    public static byte[] OwnedBy(byte table, string organization) => Texts(table, organization, "");

    /// <summary>Splits a key of such a table.</summary>
    public static (string User, byte[] Id) SplitOwned(ReadOnlySpan<byte> key, ReadOnlySpan<byte> prefix)
    {
        ReadOnlySpan<byte> rest = key[prefix.Length..];
        int zero = rest.IndexOf((byte)0);
        return zero >= 0
            ? (Encoding.UTF8.GetString(rest[..zero]), rest[(zero + 1)..].ToArray())
            : throw new RecordFormatException("A row's key does not have the expected components.");
    }

    private static byte[] Texts(byte table, params ReadOnlySpan<string> names)
    {
        var key = new List<byte> { table };
        for (int i = 0; i < names.Length; i++)
        {
            if (i > 0)
            {
                key.Add(0);
            }

            key.AddRange(Encoding.UTF8.GetBytes(names[i]));
        }

        return [.. key];
    }
}

using System.Text;
using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;
using Tarn.Core.Records;
using Tarn.Core.Sharing;

namespace Tarn.Core.Consistency;

/// <summary>
/// Which rows lead to another row: those that keep a name unique, or list what an organization or a user has. Each must be there with what it leads to, and
/// each must lead to a row that wants it. And which rows are of no use without another one.
/// </summary>
internal static class IndexedRows
{
    /// <summary>The rows that must exist beside a row; none for a row of a table without any.</summary>
    public static IReadOnlyList<byte[]> Wanted(byte[] row, byte[] value)
    {
        string name = Encoding.UTF8.GetString(row.AsSpan(1));
        switch (row[0])
        {
            case Tables.Bucket:
                return [Tables.BucketByOwnerKey(Rows.Decode(row, value, BucketRecord.Decode).OwnerId, name)];
            case Tables.Organization:
                Organization organization = Rows.Decode(row, value, Organization.Decode);
                return [Tables.CanonicalIdKey(organization.CanonicalId), .. Emails(organization.Email)];
            case Tables.User:
                User user = Rows.Decode(row, value, User.Decode);
                return [Tables.UserIdKey(user.Organization, user.UserId), .. Emails(user.Email)];
            case Tables.AccessKey:
                AccessKey key = Rows.Decode(row, value, AccessKey.Decode);
                return [Tables.AccessKeyByUserKey(key.Organization, key.User, key.Id)];
            case Tables.ApiToken:
                ApiToken token = Rows.Decode(row, value, static bytes => ApiToken.Decode("", bytes));
                return [Tables.ApiTokenByUserKey(token.Organization, token.User, row.AsSpan(1))];
            case Tables.Disk:
                DiskRecord disk = Rows.Decode(row, value, DiskRecord.Decode);
                return [Tables.DiskByOrganizationKey(disk.Organization, name), Tables.DiskByNameKey(disk.Organization, disk.Name)];
            case Tables.ShareLink:
                ShareLinkRecord link = Rows.Decode(row, value, ShareLinkRecord.Decode);
                return [Tables.ShareLinkByTargetKey(link.Organization, link.Container, name), Tables.ShareLinkByExpiryKey(link.Expires, name)];
            case Tables.TemporaryKey:
                TemporaryKey issued = Rows.Decode(row, value, TemporaryKey.Decode);
                long expires = issued.Expires.ToUnixTimeMilliseconds();
                return [Tables.TemporaryKeyByExpiryKey(expires, issued.Id), Tables.TemporaryKeyByHolderKey(issued.Organization, issued.Holder, expires, issued.Id)];
            default:
                return [];
        }
    }

    /// <summary>
    /// The rows without which a row cannot be: those of its organization and of its user, which are removed with it in one commit. Other rows outlive what they name: a temporary key, until it expires, what it was issued for; a share link, until
    /// it expires, its object, bucket, disk and organization; the users of a disk and its access keys the disk, until they are removed one by one; the progress of lifecycle rules its bucket. And a bucket
    /// or disk may be created while its organization is removed.
    /// </summary>
    public static IReadOnlyList<byte[]> Needed(byte[] row, byte[] value)
    {
        switch (row[0])
        {
            case Tables.User:
                return [Tables.OrganizationKey(Rows.Decode(row, value, User.Decode).Organization)];
            case Tables.AccessKey:
                AccessKey key = Rows.Decode(row, value, AccessKey.Decode);
                return Owners(key.Organization, key.User);
            case Tables.ApiToken:
                ApiToken token = Rows.Decode(row, value, static bytes => ApiToken.Decode("", bytes));
                return Owners(token.Organization, token.User);
            case Tables.OrganizationPolicy:
                return [Tables.OrganizationKey(Rows.Decode(row, value, StoredPolicy.Decode).Organization)];
            case Tables.Issuer:
                return [Tables.OrganizationKey(Rows.Decode(row, value, OidcIssuer.Decode).Organization)];
            case Tables.Role:
                return [Tables.OrganizationKey(Rows.Decode(row, value, IdentityRole.Decode).Organization)];
            default:
                return [];
        }
    }

    /// <summary>The key that a row must have by what its record says; null where the record does not say it.</summary>
    public static byte[]? Own(byte[] row, byte[] value)
    {
        switch (row[0])
        {
            case Tables.Organization:
                return Tables.OrganizationKey(Rows.Decode(row, value, Organization.Decode).Name);
            case Tables.User:
                User user = Rows.Decode(row, value, User.Decode);
                return Tables.UserKey(user.Organization, user.Name);
            case Tables.AccessKey:
                return Tables.AccessKeyKey(Rows.Decode(row, value, AccessKey.Decode).Id);
            case Tables.OrganizationPolicy:
                StoredPolicy policy = Rows.Decode(row, value, StoredPolicy.Decode);
                return Tables.OrganizationPolicyKey(policy.Organization, policy.Name);
            case Tables.TemporaryKey:
                return Tables.TemporaryKeyKey(Rows.Decode(row, value, TemporaryKey.Decode).Id);
            case Tables.Issuer:
                OidcIssuer issuer = Rows.Decode(row, value, OidcIssuer.Decode);
                return Tables.IssuerKey(issuer.Organization, issuer.Name);
            case Tables.Role:
                IdentityRole role = Rows.Decode(row, value, IdentityRole.Decode);
                return Tables.RoleKey(role.Organization, role.Name);
            default:
                return null;
        }
    }

    /// <summary>The row that a row leads to; null when the row is not of such a table.</summary>
    public static byte[]? Leads(byte[] row, byte[] value) => row[0] switch
    {
        Tables.BucketByOwner => [Tables.Bucket, .. Last(row)],
        Tables.CanonicalId or Tables.Email or Tables.UserId => Holder(Rows.Decode(row, value, IdentityPointer.Decode)),
        Tables.AccessKeyByUser => [Tables.AccessKey, .. Last(row)],
        Tables.ApiTokenByUser => [Tables.ApiToken, .. row.AsSpan(Math.Max(1, row.Length - 32))],
        Tables.DiskByOrganization => [Tables.Disk, .. Last(row)],
        Tables.DiskByName => [Tables.Disk, .. value],
        Tables.ShareLinkByTarget => [Tables.ShareLink, .. Last(row)],
        Tables.TemporaryKeyByExpiry => [Tables.TemporaryKey, .. row.AsSpan(Math.Min(9, row.Length))],
        Tables.TemporaryKeyByHolder => [Tables.TemporaryKey, .. row.AsSpan(Math.Max(1, row.Length - TemporaryKeys.IdLength))],
        Tables.ShareLinkByExpiry => [Tables.ShareLink, .. row.AsSpan(Math.Min(9, row.Length))],
        _ => null,
    };

    private static byte[] Holder(IdentityPointer pointer) =>
        pointer.User is null ? Tables.OrganizationKey(pointer.Organization) : Tables.UserKey(pointer.Organization, pointer.User);

    private static byte[][] Owners(string organization, string? user) =>
        user is null ? [Tables.OrganizationKey(organization)] : [Tables.OrganizationKey(organization), Tables.UserKey(organization, user)];

    private static byte[][] Emails(string? email) => string.IsNullOrEmpty(email) ? [] : [Tables.EmailKey(email)];

    private static ReadOnlySpan<byte> Last(ReadOnlySpan<byte> row) => row[(row.LastIndexOf((byte)0) + 1)..];
}

using System.Text;

namespace Tarn.Core.Records;

/// <summary>The rows of share links and of disk users. Names contain no zero byte, so one separates them.</summary>
internal static partial class Tables
{
    public const byte ShareLink = 0x73;
    public const byte ShareLinkByTarget = 0x74;
    public const byte ShareLinkByExpiry = 0x75;
    public const byte DiskUser = 0x76;

    /// <summary>link id → <see cref="Sharing.ShareLinkRecord"/>.</summary>
    public static byte[] ShareLinkKey(string id) => Texts(ShareLink, id);

    /// <summary>organization, disk id or bucket name, link id → nothing: an organization's links, target by target.</summary>
    public static byte[] ShareLinkByTargetKey(string organization, string container, string id) =>
        Texts(ShareLinkByTarget, organization, container, id);

    /// <summary>The prefix of the rows of all of an organization's links.</summary>
    public static byte[] ShareLinksOf(string organization) => Texts(ShareLinkByTarget, organization, "");

    /// <summary>expiry (Unix milliseconds), link id → nothing: the links to remove, by time.</summary>
    public static byte[] ShareLinkByExpiryKey(long expiresUnixMilliseconds, string id) =>
        [ShareLinkByExpiry, .. Number((ulong)expiresUnixMilliseconds), .. Encoding.UTF8.GetBytes(id)];

    /// <summary>disk id, access key id → <see cref="Disks.Catalog.DiskUserRecord"/>.</summary>
    public static byte[] DiskUserKey(string disk, string accessKey) => Texts(DiskUser, disk, accessKey);
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Tarn.Core.Disks.Catalog;

namespace Tarn.Server.Control.Archil;

/// <summary>A disk to create.</summary>
internal sealed record DiskBody
{
    /// <summary>Its name, unique in the organization: letters, digits, '-' and '_'.</summary>
    public required string Name { get; init; }

    /// <summary>The one directory to attach; null or empty to create a directory for it.</summary>
    public IReadOnlyList<MountBody>? Mounts { get; init; }

    /// <summary>The addresses and networks from which it may be read over S3; null or empty for anywhere.</summary>
    public IReadOnlyList<string>? AllowedIps { get; init; }

    /// <summary>Not implemented; present so that the refusal can say so.</summary>
    public IReadOnlyList<JsonElement>? AuthMethods { get; init; }

    /// <summary>The organization it belongs to; null for the requester's.</summary>
    public string? Organization { get; init; }

    /// <summary>Whether a file that has become longer counts as appended to; null for no.</summary>
    public bool? GrowingFiles { get; init; }
}

/// <summary>What a disk shows. Unknown members are kept, since the refusal depends on the type.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record MountBody
{
    /// <summary><c>local</c>.</summary>
    public required string Type { get; init; }

    /// <summary>An absolute path on the server's machine.</summary>
    public string? Path { get; init; }

    /// <summary>Members of other types of mounts. Settable because the serializer needs that to fill in extension data.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>A disk.</summary>
internal sealed record DiskView
{
    /// <summary>Its id, which is also the name of its bucket.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The organization it belongs to.</summary>
    public required string Organization { get; init; }

    /// <summary><c>available</c>.</summary>
    public required string Status { get; init; }

    /// <summary><c>tarn</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>The server's region.</summary>
    public required string Region { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>The directory that it shows.</summary>
    public required IReadOnlyList<MountView> Mounts { get; init; }

    /// <summary>The addresses and networks from which it may be read over S3; empty for anywhere.</summary>
    public required IReadOnlyList<string> AllowedIps { get; init; }

    /// <summary>Whether a file that has become longer counts as appended to.</summary>
    public required bool GrowingFiles { get; init; }

    /// <summary>Whether this API may write to it.</summary>
    public required bool Writing { get; init; }

    /// <summary>Its users; absent where many disks are listed.</summary>
    public IReadOnlyList<DiskUserView>? AuthorizedUsers { get; init; }

    /// <summary>Describes a disk.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="region">The server's region.</param>
    /// <param name="showsMade">Whether to show the path of a directory that was created for the disk, which is in the data directory.</param>
    /// <param name="users">Its users; null to leave them out.</param>
    public static DiskView Of(Disk disk, string region, bool showsMade, IReadOnlyList<DiskUser>? users = null) => new()
    {
        Id = disk.Id.Value,
        Name = disk.Name,
        Organization = disk.Organization,
        Status = "available",
        Provider = "tarn",
        Region = region,
        CreatedAt = disk.Created.UtcDateTime,
        Mounts = disk.IsAttached || showsMade ? [new MountView(DiskMounts.Local, disk.RootPath, "ro")] : [],
        AllowedIps = DiskAddresses.Show(disk.AllowedAddresses),
        GrowingFiles = disk.GrowingFiles,
        Writing = disk.IsWritable,
        AuthorizedUsers = users is null ? null : [.. users.Select(user => DiskUserView.Of(user))],
    };
}

/// <param name="Type"><c>local</c>.</param>
/// <param name="Path">An absolute path on the server's machine.</param>
/// <param name="AccessMode"><c>ro</c>: over S3, disks are read-only.</param>
internal sealed record MountView(string Type, string Path, string AccessMode);

/// <param name="DiskId">The disk's id.</param>
/// <param name="AuthorizedUsers">None yet.</param>
internal sealed record NewDiskView(string DiskId, IReadOnlyList<DiskUserView> AuthorizedUsers) : IIdentified
{
    string IIdentified.Identity => DiskId;
}

/// <summary>A user to add to a disk.</summary>
internal sealed record DiskUserBody
{
    /// <summary><c>s3</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The user's display name.</summary>
    public string? Nickname { get; init; }

    /// <summary>Not for users of type s3; present so that the refusal can say so.</summary>
    public string? Principal { get; init; }

    /// <summary>Not for users of type s3; present so that the refusal can say so.</summary>
    public string? TokenSuffix { get; init; }
}

/// <summary>A user who may read a disk over S3.</summary>
internal sealed record DiskUserView : IIdentified
{
    /// <summary>The only type of user.</summary>
    public const string S3 = "s3";

    /// <summary><c>s3</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The user's display name.</summary>
    public string? Nickname { get; init; }

    /// <summary>The identifier by which the user is removed: its access key id.</summary>
    public required string Identifier { get; init; }

    /// <summary>Its access key id.</summary>
    public required string AccessKeyId { get; init; }

    /// <summary>Its secret, if it has just been added.</summary>
    public string? SecretAccessKey { get; init; }

    /// <summary>When it was added.</summary>
    public required DateTime CreatedAt { get; init; }

    public static DiskUserView Of(DiskUser user, string? secret = null) => new()
    {
        Type = S3,
        Nickname = user.Nickname,
        Identifier = user.AccessKey,
        AccessKeyId = user.AccessKey,
        SecretAccessKey = secret,
        CreatedAt = user.Created.UtcDateTime,
    };

    string IIdentified.Identity => Identifier;
}

/// <param name="Users">All of them.</param>
internal sealed record DiskUserList(IReadOnlyList<DiskUserView> Users);

/// <summary>The addresses from which a disk may be read.</summary>
internal sealed record AllowedIps
{
    /// <summary>Addresses and networks in CIDR notation; empty for anywhere.</summary>
    [JsonPropertyName("allowedIps")]
    public required IReadOnlyList<string> Networks { get; init; }
}

/// <summary>The file systems that a disk consists of.</summary>
/// <param name="FileSystems">Its root's, and those mounted below it.</param>
internal sealed record DiskFileSystems(IReadOnlyList<FileSystemView> FileSystems)
{
    /// <param name="disk">The disk.</param>
    /// <param name="showsSources">Whether to describe them: only the operator may see where a machine's data comes from.</param>
    public static DiskFileSystems Of(Disk disk, bool showsSources) =>
        new([.. disk.FileSystems.Select(system => new FileSystemView(system.Path, showsSources ? system.Text : null))]);
}

/// <param name="Path">Below the disk's root; empty for the root.</param>
/// <param name="Description">What it is; shown only to the server's root user.</param>
internal sealed record FileSystemView(string Path, string? Description);

/// <summary>Whether a file that has become longer counts as appended to.</summary>
internal sealed record DiskGrowingFiles
{
    /// <summary>Whether it does.</summary>
    public required bool GrowingFiles { get; init; }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Tarn.Core.Disks;

namespace Tarn.Server.Control.Archil;

/// <summary>What makes a disk.</summary>
internal sealed record DiskBody
{
    public required string Name { get; init; }

    /// <summary>Null or empty: a directory of its own is made.</summary>
    public IReadOnlyList<MountBody>? Mounts { get; init; }

    /// <summary>Null or empty: it may be read from anywhere.</summary>
    public IReadOnlyList<string>? AllowedIps { get; init; }

    /// <summary>Known, so that it can be said what is wrong with it.</summary>
    public IReadOnlyList<JsonElement>? AuthMethods { get; init; }

    /// <summary>Null: the requester's.</summary>
    public string? Organization { get; init; }

    /// <summary>Whether a file that has become longer counts as appended to; null: no.</summary>
    public bool? GrowingFiles { get; init; }
}

/// <summary>What a disk shows. Members that are not known are kept, to be refused by what they are of.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record MountBody
{
    public required string Type { get; init; }

    /// <summary>Of <c>local</c>: an absolute path.</summary>
    public string? Path { get; init; }

    /// <summary>What other types have. Settable: the serializer takes extension data in no other way.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>A disk.</summary>
internal sealed record DiskView
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Organization { get; init; }

    public required string Status { get; init; }

    public required string Provider { get; init; }

    public required string Region { get; init; }

    public required DateTime CreatedAt { get; init; }

    public required IReadOnlyList<MountView> Mounts { get; init; }

    public required IReadOnlyList<string> AllowedIps { get; init; }

    public required bool GrowingFiles { get; init; }

    /// <summary>Null where many disks are listed.</summary>
    public IReadOnlyList<DiskUserView>? AuthorizedUsers { get; init; }

    /// <param name="showsMade">Whether the path of a made directory is shown: it is in the server's own.</param>
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
        AuthorizedUsers = users is null ? null : [.. users.Select(user => DiskUserView.Of(user))],
    };
}

internal sealed record MountView(string Type, string Path, string AccessMode);

internal sealed record NewDiskView(string DiskId, IReadOnlyList<DiskUserView> AuthorizedUsers);

/// <summary>What adds a user to a disk.</summary>
internal sealed record DiskUserBody
{
    public required string Type { get; init; }

    public string? Nickname { get; init; }

    /// <summary>Known, so that it can be said what is wrong with it.</summary>
    public string? Principal { get; init; }

    /// <inheritdoc cref="Principal"/>
    public string? TokenSuffix { get; init; }
}

/// <summary>Who may read a disk over S3; the secret when the user has just been added.</summary>
internal sealed record DiskUserView
{
    /// <summary>The one type of user that there is.</summary>
    public const string S3 = "s3";

    public required string Type { get; init; }

    public string? Nickname { get; init; }

    public required string Identifier { get; init; }

    public required string AccessKeyId { get; init; }

    public string? SecretAccessKey { get; init; }

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
}

internal sealed record DiskUserList(IReadOnlyList<DiskUserView> Users);

/// <summary>From where a disk may be read: both what is asked for and what is answered.</summary>
internal sealed record AllowedIps
{
    [JsonPropertyName("allowedIps")]
    public required IReadOnlyList<string> Networks { get; init; }
}

/// <summary>The file systems that a disk consists of.</summary>
internal sealed record DiskFileSystems(IReadOnlyList<FileSystemView> FileSystems)
{
    /// <param name="disk">The disk.</param>
    /// <param name="showsSources">Whether it is said what they are: where a machine's data comes from is its operator's to know.</param>
    public static DiskFileSystems Of(Disk disk, bool showsSources) =>
        new([.. disk.FileSystems.Select(system => new FileSystemView(system.Path, showsSources ? system.Text : null))]);
}

/// <param name="Path">Below the disk's root; empty: the root.</param>
internal sealed record FileSystemView(string Path, string? Description);

/// <summary>Whether a file that has become longer counts as appended to: both what is asked for and what is answered.</summary>
internal sealed record DiskGrowingFiles
{
    [JsonPropertyName("growingFiles")]
    public required bool Are { get; init; }
}

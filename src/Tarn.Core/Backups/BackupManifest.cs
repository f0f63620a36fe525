using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tarn.Core.Consistency;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Backups;

/// <summary>What one backup consists of. It is written last, so a backup without it does not exist. docs/design/backup.md</summary>
public sealed record BackupManifest
{
    /// <summary>The version of this record that this build writes, and the newest that it reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The name of the list of blobs among <see cref="Files"/>.</summary>
    public const string BlobListName = "blobs";

    /// <summary>The name of the list of what made disks contain among <see cref="Files"/>.</summary>
    public const string DiskListName = "disks";

    /// <summary>The name of the master key among <see cref="Files"/>.</summary>
    public const string MasterKeyName = "master.key";

    /// <summary>What the names of the metadata's files among <see cref="Files"/> begin with.</summary>
    public const string MetadataPrefix = "metadata/";

    private const string ChecksumPrefix = "sha256:";

    /// <summary>The version of this record.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The backup's name: its time and something random.</summary>
    public required string Name { get; init; }

    /// <summary>When it was begun: everything that was answered before is in it.</summary>
    public required DateTime Started { get; init; }

    /// <summary>When it was complete.</summary>
    public required DateTime Finished { get; init; }

    /// <summary>Whether it has no blobs and no disks.</summary>
    public bool MetadataOnly { get; init; }

    /// <summary>Whether the files of made disks were left out because that was asked for.</summary>
    public bool WithoutDisks { get; init; }

    /// <summary>The id of the store.</summary>
    public required string StoreId { get; init; }

    /// <summary>The version of the layout of the data directory.</summary>
    public required int Format { get; init; }

    /// <summary>The number of the last change of the metadata that is in it.</summary>
    public ulong Change { get; init; }

    /// <summary>The directory of made disks, which rows name.</summary>
    public string? DisksDirectory { get; init; }

    /// <summary>The id of the master key that the stored secrets are encrypted with; null when there are none.</summary>
    public string? MasterKeyId { get; init; }

    /// <summary>Its files.</summary>
    public required IReadOnlyList<BackupFile> Files { get; init; }

    /// <summary>How many blobs it has.</summary>
    public long Blobs { get; init; }

    /// <summary>Their size in bytes.</summary>
    public long BlobBytes { get; init; }

    /// <summary>Bytes of blobs that had to be copied; the others were there from an earlier backup, or share the store's.</summary>
    public long CopiedBytes { get; init; }

    /// <summary>How many files and directories of made disks it has.</summary>
    public long DiskFiles { get; init; }

    /// <summary>Their size in bytes.</summary>
    public long DiskBytes { get; init; }

    /// <summary>What could not be copied because it is damaged.</summary>
    public IReadOnlyList<BackupProblem> Damaged { get; init => field = value ?? []; } = [];

    /// <summary>What else is not as it was, for people.</summary>
    public IReadOnlyList<string> Notices { get; init => field = value ?? []; } = [];

    /// <summary>Whether the master key is in it.</summary>
    [JsonIgnore]
    public bool HasMasterKey => File(MasterKeyName) is not null;

    /// <summary>The size of its files of metadata, in bytes.</summary>
    [JsonIgnore]
    public long MetadataBytes => MetadataFiles.Sum(static file => file.Length);

    /// <summary>The files of the metadata.</summary>
    [JsonIgnore]
    public IEnumerable<BackupFile> MetadataFiles => Files.Where(static file => IsMetadata(file.Name));

    /// <summary>Whether a name among <see cref="Files"/> is that of a file of the metadata.</summary>
    public static bool IsMetadata(string name) => name.StartsWith(MetadataPrefix, StringComparison.Ordinal);

    /// <summary>Finds a file; null when there is none.</summary>
    public BackupFile? File(string name) => Files.FirstOrDefault(file => file.Name == name);

    /// <summary>The text that is stored: one line of JSON, and one with its checksum.</summary>
    public byte[] Encode()
    {
        string json = JsonSerializer.Serialize(this, BackupJson.Default.BackupManifest);
        return Encoding.UTF8.GetBytes($"{json}\n{ChecksumPrefix}{Hash(Encoding.UTF8.GetBytes(json))}\n");
    }

    /// <summary>Reads the manifest of a backup; null when there is none.</summary>
    /// <exception cref="BackupDamagedException">It is damaged, or a newer build wrote it.</exception>
    public static async ValueTask<BackupManifest?> ReadAsync(IBackupTarget target, string name, CancellationToken cancellationToken) =>
        await target.ReadManifestAsync(name, cancellationToken) is { } content ? Decode(name, content) : null;

    /// <summary>Reads what was stored.</summary>
    /// <exception cref="BackupDamagedException">It is damaged, or a newer build wrote it.</exception>
    public static BackupManifest Decode(string name, ReadOnlySpan<byte> content)
    {
        int end = content.IndexOf((byte)'\n');
        if (end < 0 || !Encoding.UTF8.GetString(content[(end + 1)..]).Equals($"{ChecksumPrefix}{Hash(content[..end])}\n", StringComparison.Ordinal))
        {
            throw new BackupDamagedException($"the manifest of the backup {name} is damaged: it does not match its checksum");
        }

        try
        {
            BackupManifest? manifest = JsonSerializer.Deserialize(content[..end], BackupJson.Default.BackupManifest);
            return manifest is { Version: >= 1 and <= CurrentVersion } && manifest.Name == name
                ? manifest
                : throw new BackupDamagedException($"the manifest of the backup {name} is another one's, or a newer build wrote it");
        }
        catch (JsonException e)
        {
            throw new BackupDamagedException($"the manifest of the backup {name} cannot be read: {e.Message}", e);
        }
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>A file of a backup. Files with one content are stored once.</summary>
/// <param name="Name">What it is: <c>metadata/…</c>, or one of the names of <see cref="BackupManifest"/>.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Of its content, 64 hexadecimal digits, under which it is stored.</param>
public sealed record BackupFile(string Name, long Length, string Sha256)
{
    /// <summary>Which file of the store it was copied from, and when that was last written: while it is the same, it is not read again. Null: not noted.</summary>
    public string? Source { get; init; }
}

/// <summary>Something that is damaged.</summary>
/// <param name="Kind">The kind, as <c>tarn fsck</c> names it.</param>
/// <param name="Detail">The same for people, in a sentence.</param>
public sealed record BackupProblem(string Kind, string Detail)
{
    /// <summary>The id of the blob, or the name of the file.</summary>
    public string? Data { get; init; }

    /// <summary>The bucket that is affected.</summary>
    public string? Bucket { get; init; }

    /// <summary>The key of the object or upload.</summary>
    public string? Key { get; init; }

    /// <summary>The version of that object.</summary>
    public string? VersionId { get; init; }

    /// <summary>The multipart upload.</summary>
    public string? UploadId { get; init; }

    /// <summary>The number of the part; 0 when none is.</summary>
    public int Part { get; init; }

    /// <summary>A problem of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="detail">The same for people, in a sentence.</param>
    public static BackupProblem Of(FindingKind kind, string detail) => new(kind.Name(), detail);

    /// <summary>Damage to a file of the metadata.</summary>
    public static BackupProblem Of(StoreDamage damage) =>
        Of(FindingKind.Metadata, $"The file {damage.File} of the metadata is damaged: {damage.Detail.TrimEnd('.')}.") with { Data = BackupManifest.MetadataPrefix + damage.File };

    /// <summary>A row that does not decode, so that what it names is not known.</summary>
    internal static BackupProblem OfRow(string row) => Of(FindingKind.Unreadable, $"{row.TrimEnd('.')}: what it names is not in the backup.");
}

/// <summary>A backup, or a place of backups, cannot be read as what it must be.</summary>
public sealed class BackupDamagedException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public BackupDamagedException() : base("The backup is damaged.") { }

    /// <summary>Creates the exception with a message.</summary>
    public BackupDamagedException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public BackupDamagedException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>The JSON of manifests, read and written without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;

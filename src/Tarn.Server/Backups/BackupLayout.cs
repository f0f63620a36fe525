using System.Globalization;
using Tarn.Core.Backups;
using Tarn.Core.Blobs;

namespace Tarn.Server.Backups;

/// <summary>What has which name in a place of backups, below a directory or the prefix of a bucket. docs/design/backup.md</summary>
internal static class BackupLayout
{
    /// <summary>The version of the layout, which <see cref="Marker"/> has.</summary>
    public const string Version = "1";

    public const string Marker = "tarn-backups";

    /// <summary>Of a directory: locked by who writes.</summary>
    public const string Lock = "lock";

    /// <summary>Of a directory: locked together by who reads, or by who removes.</summary>
    public const string Readers = "readers";

    public const string Manifests = "backups";
    public const string Unfinished = "unfinished";
    public const string Blobs = "blobs";
    public const string Files = "files";
    public const string Temporary = "tmp";

    /// <exception cref="BackupRefusedException">No backup can have that name.</exception>
    public static string ManifestOf(string name) => Named(Manifests, name);

    /// <exception cref="BackupRefusedException">No backup can have that name.</exception>
    public static string UnfinishedOf(string name) => Named(Unfinished, name);

    /// <exception cref="BackupDamagedException">That is no hash.</exception>
    public static string FileOf(string sha256) => sha256.Length == 64 && sha256.All(char.IsAsciiHexDigitLower)
        ? $"{Files}/{sha256[..2]}/{sha256}"
        : throw new BackupDamagedException("a manifest names a file by what is no SHA-256");

    /// <summary>In a bucket: what the names of the blobs with a <see cref="BlobId.Directory"/> begin with.</summary>
    public static string BlobsIn(int directory) => string.Create(CultureInfo.InvariantCulture, $"{Blobs}/{directory:x2}/");

    /// <summary>In a bucket: a blob. In a directory the store of blobs gives the same names.</summary>
    public static string BlobOf(BlobId id) => $"{BlobsIn(id.Directory)}{id}";

    /// <summary>In a bucket: a blob without checksums of its own.</summary>
    public static string BareBlobOf(BlobId id) => $"{BlobsIn(id.Directory)}{id.ToString()[2..4]}/{id}";

    /// <summary>The names of backups among paths, the oldest first.</summary>
    public static IReadOnlyList<string> NamesOf(IEnumerable<string> paths) =>
        [.. paths.Select(static path => Path.GetFileName(path)).Where(BackupNames.IsValid).Order(StringComparer.Ordinal)];

    private static string Named(string directory, string name) =>
        BackupNames.IsValid(name) ? $"{directory}/{name}" : throw new BackupRefusedException($"'{name}' is not the name of a backup");
}

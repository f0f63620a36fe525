using System.Globalization;
using Tarn.Core.Blobs;
using Tarn.Core.Files;
using Tarn.Core.Model;

namespace Tarn.Backends.Files;

/// <summary>
/// Where the files of blobs are: <c>ab/abcd…</c> by the digits of the id, and <c>ab/cd/abcd…</c> for those that builds before layout 1 wrote, each
/// perhaps with its tail beside it. Paths are built from ids alone.
/// </summary>
/// <param name="root">The store's directory; absolute.</param>
internal sealed class BlobPlaces(string root)
{
    /// <summary>What follows the name of a blob of an older build in the name of the file with its tail.</summary>
    public const string TailSuffix = ".sums";

    /// <summary>What follows the name of a blob in the name of the file of a copy, while it is written.</summary>
    public const string CopySuffix = ".copy";

    /// <summary>How many directories there are.</summary>
    public const int Directories = 1 << 8;
    private const int IdDigits = 2 * Id128.Size;

    /// <summary>Where files are while they are written.</summary>
    public string Temporary { get; } = Path.Combine(root, "tmp");

    /// <summary>The directory that blobs with this <see cref="BlobId.Directory"/> are in.</summary>
    public string DirectoryOf(int number) => Path.Join(root, number.ToString("x2", CultureInfo.InvariantCulture));

    /// <summary>The path of a blob.</summary>
    public string PathOf(BlobId id)
    {
        string name = id.ToString();
        return Path.Join(root, name.AsSpan(0, 2), name);
    }

    /// <summary>The path of a blob that a build before layout 1 wrote.</summary>
    public string BarePathOf(BlobId id)
    {
        string name = id.ToString();
        return Path.Join(root, name.AsSpan(0, 2), name.AsSpan(2, 2), name);
    }

    /// <summary>Where a file is while it is written.</summary>
    public string TemporaryOf(BlobId id, string suffix = "") => Path.Join(Temporary, id.ToString() + suffix);

    /// <summary>Whether a name is that of a blob's file.</summary>
    public static bool IsBlob(ReadOnlySpan<char> name, out BlobId id)
    {
        // Parsing takes upper case too, which is no name that Tarn gives.
        id = default;
        return name.Length == IdDigits && !name.ContainsAnyInRange('A', 'Z') && BlobId.TryParse(name, out id);
    }

    /// <summary>
    /// Throws if a directory is not where the temporary files are: a file cannot be renamed into one that is a mount of its own, or a link to another file system, so every upload
    /// whose id begins with its digits would fail. Links are not taken at all, since where they lead may change. Directories that do not exist yet are passed over.
    /// </summary>
    /// <exception cref="IOException">Says which, and what to do.</exception>
    public void ThrowIfDivided()
    {
        FileStat? at = BlobCalls.TryFindPlace(Path.Join(root, "."));
        foreach (string path in Enumerable.Range(0, Directories).Select(DirectoryOf).Prepend(Temporary))
        {
            if (BlobCalls.TryFindPlace(path) is not { } found || at is not { } expected)
            {
                continue;
            }

            string? what = found.IsLink ? "is a symbolic link"
                : !found.IsDirectory ? "is not a directory"
                : found.Identity.Device != expected.Identity.Device ? "is on another file system"
                : found.Mount != expected.Mount ? "is a mount of its own"
                : null;
            if (what is not null)
            {
                throw new IOException(
                    $"{path} {what}: the directories of a blob store must be directories in {root} itself, since blobs are renamed into them. Move its files back into {root}, or all of {root} to the other device.");
            }
        }
    }

    /// <summary>
    /// Creates all directories, so that no upload has to: the entries of a directory that an upload creates would need syncs of their own. They
    /// are all in the store's directory, so one sync is enough.
    /// </summary>
    /// <param name="fsync">Whether they are on the device when the call returns.</param>
    public void CreateDirectories(bool fsync)
    {
        HashSet<string> existing = [.. Directory.EnumerateDirectories(root, "??")];
        string[] missing = [.. Enumerable.Range(0, Directories).Select(DirectoryOf).Where(path => !existing.Contains(path))];
        foreach (string path in missing)
        {
            Directory.CreateDirectory(path);
        }

        if (!fsync)
        {
            return;
        }

        try
        {
            // Also when none was missing: a process that died may have created them without syncing.
            FileSync.Directory(root);
        }
        catch (IOException)
        {
            // A sync repeated after a failure may succeed without doing anything. Creating the directories again writes their names again.
            foreach (string path in missing)
            {
                Directory.Delete(path);
            }

            throw;
        }
    }
}

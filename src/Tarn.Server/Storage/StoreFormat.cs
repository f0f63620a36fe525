using System.ComponentModel;
using System.Globalization;
using System.Text;
using Tarn.Core.Files;
using Tarn.Server.Configuration;

namespace Tarn.Server.Storage;

/// <summary>The file <c>format</c> of a data directory: the version of its layout, as decimal digits. It keeps an older build from data that it would misread.</summary>
internal static class StoreFormat
{
    /// <summary>
    /// The version of the layout that this build writes; it reads all earlier ones. Since 2, identities are in the store: an
    /// older build would create a new root user, who owns nothing. Since 3, RocksDB 11 writes the metadata, which the
    /// versions of older builds (7.8 and those of distributions) are not meant to read. Since 5, blobs are in other places, where an older
    /// build does not look, and end with their checksums, which it would take for data. Since 6, changes count what buckets hold, which an older build would not do.
    /// Since 7, access keys may have policies and policies may name roles and claims, which an older build would not evaluate: it would let such a key do all that its user may; jobs are in the store, which it
    /// would leave unfinished; and disks may have uploads in a directory that it would show as files.
    /// </summary>
    public const int Current = 7;

    /// <summary>
    /// Added to the version in one side of a mirror, so that builds without the mirror refuse it: they would write to that side alone, and nothing would
    /// show that the other one lacks it.
    /// </summary>
    private const int Mirrored = 1000;

    /// <summary>Blobs in the places of 5, with or without checksums, which cannot be told apart. Only builds between two versions wrote it.</summary>
    private const int Withdrawn = 4;

    private const int PermissionDenied = 13; // EACCES

    /// <summary>Whether a build has recorded its format in the data directory.</summary>
    public static bool Exists(string root) => File.Exists(PathIn(root));

    /// <summary>The version of the layout of the data directory, and whether that is one side of a mirror; null if no build has recorded it.</summary>
    /// <exception cref="StartupException">A newer build wrote it, or one whose format was withdrawn, or the file is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static (int Version, bool IsMirrored)? Find(string root)
    {
        if (Read(root) is not { } recorded)
        {
            return null;
        }

        ThrowIfUnreadable(root, recorded);
        return Parse(recorded);
    }

    /// <summary>Throws if this build does not read what is in the data directory; records this build's format in a new one.</summary>
    /// <exception cref="StartupException">A newer build wrote it, or one whose format was withdrawn, or the file is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static void Claim(string root)
    {
        int? format = Read(root);
        if (format is null)
        {
            SyncName(root);
            Write(root, Wanted(root));
        }
        else
        {
            ThrowIfUnreadable(root, format.Value);
        }
    }

    /// <summary>Throws if this build does not read what is in the data directory; writes nothing.</summary>
    /// <exception cref="StartupException">A newer build wrote it, or one whose format was withdrawn, or the file is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static void ThrowIfUnreadable(string root) => Find(root);

    /// <summary>Records this build's format if another one is recorded.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static void Raise(string root)
    {
        if (Read(root) != Wanted(root))
        {
            Write(root, Wanted(root));
        }
    }

    /// <summary>Records that the directory is one side of a mirror. Called before it gets its mark.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void RaiseForMirror(string root) => Write(root, Current + Mirrored);

    private static int Wanted(string root) => MirrorMarkFile.Exists(root) ? Current + Mirrored : Current;

    private static (int Version, bool IsMirrored) Parse(int recorded) => recorded > Mirrored ? (recorded - Mirrored, true) : (recorded, false);

    private static void ThrowIfUnreadable(string root, int recorded)
    {
        (int format, _) = Parse(recorded);
        if (format > Current)
        {
            throw new StartupException($"the data directory {root} has format {format}, newer than this build reads ({Current})");
        }

        if (format == Withdrawn)
        {
            throw new StartupException(
                $"the data directory {root} has format {format}, which no version of Tarn has: a build between two versions wrote it, and this one cannot read it. "
                + "Copy the objects with that build to a store of this one, over S3. See docs/operations/upgrading.md");
        }
    }

    /// <summary>Syncs the directory's entry in its parent: a process that died may have created it without syncing.</summary>
    private static void SyncName(string root)
    {
        try
        {
            FileSync.Directory(Path.GetDirectoryName(Path.GetFullPath(root)) ?? root);
        }
        catch (IOException e) when (e.InnerException is Win32Exception { NativeErrorCode: PermissionDenied })
        {
            // Another process created it, where this one may not read: syncing is up to that process.
        }
    }

    private static int? Read(string root)
    {
        string path = PathIn(root);
        if (!File.Exists(path))
        {
            return null;
        }

        return int.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int format) && format >= 1
            ? format
            : throw new StartupException($"{path}: not a format version");
    }

    private static void Write(string root, int format) =>
        AtomicFile.Write(PathIn(root), Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{format}\n")));

    private static string PathIn(string root) => Path.Combine(root, "format");
}

using Tarn.Core.Files;
using Tarn.Core.Disks.Linux;

namespace Tarn.Core.Disks.Catalog;

/// <summary>Where the trees of disks may be: those that are made live together in one directory, and the server's own data is never shown.</summary>
/// <param name="made">The directory of made disks, absolute; it comes into being with the first one.</param>
/// <param name="forbidden">The server's data directory, absolute: nothing in it or above it can be attached. Null for none.</param>
/// <param name="roots">The only directories that, with all below them, may be attached; null for any.</param>
public sealed class DiskPlaces(string made, string? forbidden, IReadOnlyList<DiskRoot>? roots = null)
{
    /// <exception cref="DiskRefusedException">Disks do not work on this system.</exception>
    /// <exception cref="IOException">The directory cannot be made. Where it would be is the operator's to know, not the asker's.</exception>
    internal string Make(DiskId id)
    {
        ThrowIfUnsupported();
        string path = Path.Combine(made, id.Value);
        try
        {
            // The row that is committed next names it.
            DurableDirectory.Create(path);
            return path;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>The path without its symbolic links, when a disk may show it.</summary>
    /// <exception cref="DiskRefusedException">It may not.</exception>
    internal string CheckAttachable(string organization, string path)
    {
        ThrowIfUnsupported();
        if (!Path.IsPathFullyQualified(path) || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new DiskRefusedException($"The path of a disk is absolute; {path} is not.");
        }

        string? real = LinuxFiles.RealPath(path);
        if (roots is not null && !roots.Any(root => root.Admits(organization, real)))
        {
            // The same answer whether or not anything is there: what lies elsewhere on the machine is not told.
            throw new DiskRefusedException($"{path} is not in a directory that the server's configuration lets be attached (disk-root).");
        }

        if (real is null)
        {
            throw new DiskRefusedException($"{path} does not exist.");
        }

        if (!Directory.Exists(real))
        {
            throw new DiskRefusedException($"{path} is not a directory.");
        }

        if (forbidden is not null && (LinuxFiles.RealPath(forbidden) ?? forbidden) is { } own && (FilePaths.IsWithin(real, own) || FilePaths.IsWithin(own, real)))
        {
            throw new DiskRefusedException($"{path} holds the server's own data, or lies in it.");
        }

        return real;
    }

    /// <summary>Removes a made tree. Symbolic links are removed, not followed.</summary>
    internal void Remove(string path)
    {
        if (!FilePaths.IsWithin(path, made) || path.Length == made.Length)
        {
            throw new InvalidOperationException($"{path} is not a tree that was made for a disk.");
        }

        TreeRemoval.Remove(path);
    }

    private static void ThrowIfUnsupported()
    {
        if (LinuxFiles.WhyUnsupported is { } why)
        {
            throw new DiskRefusedException(why);
        }
    }
}

/// <summary>A directory that may be attached, or what is below it.</summary>
/// <param name="Path">Absolute; its symbolic links are resolved when something is attached.</param>
/// <param name="Organization">Whose disks may show it; null for every organization's.</param>
public sealed record DiskRoot(string Path, string? Organization)
{
    /// <param name="real">A path without symbolic links; null when there is nothing.</param>
    internal bool Admits(string organization, string? real) =>
        (Organization is null || Organization == organization)
        && real is not null
        && LinuxFiles.RealPath(Path) is { } root
        && FilePaths.IsWithin(real, root);
}

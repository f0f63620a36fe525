using Tarn.Core.Files;
using Tarn.Core.Disks.Linux;

namespace Tarn.Core.Disks.Catalog;

/// <summary>Decides where the trees of disks may be: created ones share one directory, and the server's own data is never shown.</summary>
/// <param name="made">The directory of created disks, absolute; created with the first one.</param>
/// <param name="forbidden">The server's data directory, absolute: neither it, nor anything below or above it, can be attached. Null for none.</param>
/// <param name="roots">The only directories that may be attached, with everything below them; null for any.</param>
/// <param name="mirror">The other side of the mirror, which is the server's own data as well; null for none.</param>
public sealed class DiskPlaces(string made, string? forbidden, IReadOnlyList<DiskRoot>? roots = null, string? mirror = null)
{
    /// <exception cref="DiskRefusedException">This system does not support disks.</exception>
    /// <exception cref="IOException">The directory cannot be created. Its path is for the operator only.</exception>
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

    /// <summary>Throws if a directory may not be attached; otherwise returns its path, without symbolic links.</summary>
    /// <exception cref="DiskRefusedException">It may not be attached.</exception>
    internal string ThrowIfNotAttachable(string organization, string path)
    {
        ThrowIfUnsupported();
        if (!Path.IsPathFullyQualified(path) || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new DiskRefusedException($"The path of a disk must be absolute; {path} is not.");
        }

        string? real = LinuxFiles.RealPath(path);
        if (roots is not null && !roots.Any(root => root.Admits(organization, real)))
        {
            // The same answer whether or not anything is there, so that it reveals nothing about the machine.
            throw new DiskRefusedException($"{path} is not in a directory that the server's configuration allows to be attached (disk-root).");
        }

        if (real is null)
        {
            throw new DiskRefusedException($"{path} does not exist.");
        }

        if (!Directory.Exists(real))
        {
            throw new DiskRefusedException($"{path} is not a directory.");
        }

        if (IsOwn(real, forbidden) || IsOwn(real, mirror))
        {
            throw new DiskRefusedException($"{path} contains the server's own data, or lies inside it.");
        }

        return real;
    }

    /// <summary>Removes a created tree. Symbolic links are removed, not followed.</summary>
    internal void Remove(string path)
    {
        if (!FilePaths.IsWithin(path, made) || path.Length == made.Length)
        {
            throw new InvalidOperationException($"{path} is not a tree that was made for a disk.");
        }

        TreeRemoval.Remove(path);
    }

    private static bool IsOwn(string real, string? place) =>
        place is not null && FilePaths.Overlap(real, LinuxFiles.RealPath(place) ?? place);

    private static void ThrowIfUnsupported()
    {
        if (DiskSupport.WhyUnsupported is { } why)
        {
            throw new DiskRefusedException(why);
        }
    }
}

/// <summary>A directory that may be attached, with everything below it.</summary>
/// <param name="Path">Absolute; its symbolic links are resolved when something is attached.</param>
/// <param name="Organization">The organization that may attach it; null: all.</param>
public sealed record DiskRoot(string Path, string? Organization)
{
    /// <param name="real">A path without symbolic links; null when nothing is there.</param>
    internal bool Admits(string organization, string? real) =>
        (Organization is null || Organization == organization)
        && real is not null
        && LinuxFiles.RealPath(Path) is { } root
        && FilePaths.IsWithin(real, root);
}

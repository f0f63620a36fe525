namespace Tarn.Server.Cli.Disks;

/// <summary>A place on a disk as commands name it: <c>DISK:/path</c>.</summary>
/// <param name="Disk">The disk's id or name.</param>
/// <param name="Path">The path below the disk's root.</param>
internal readonly record struct DiskPlace(string Disk, string Path)
{
    /// <exception cref="CliException">It is not of this form.</exception>
    public static DiskPlace Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string path = colon < 0 ? "" : text[(colon + 1)..];
        path = path.StartsWith('/') ? path[1..] : path;
        return colon > 0 && path.Length > 0
            ? new DiskPlace(text[..colon], path)
            : throw new CliException($"'{text}' is not like DISK:/path/of/file");
    }
}

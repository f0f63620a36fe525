using System.Globalization;
using Tarn.Backends.Files;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>Free bytes and inodes.</summary>
/// <param name="measure">Measures the file system of a directory.</param>
internal sealed class SpaceCheck(Func<string, FileSystemSpace> measure) : SimpleCheck
{
    /// <summary>Below this, uploads are soon refused: the rest is kept for deletes.</summary>
    private const long Short = 512L << 20;

    private const long Little = 2L << 30;

    public override string Name => "space";

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        var seen = new HashSet<(long, long, long)>();
        string[] mirror = examined.Options?.Mirror is { } other ? [other, Path.Combine(other, "meta"), Path.Combine(other, "blobs")] : [];
        foreach (string path in (string[])[examined.Data, examined.Metadata, examined.Blobs, .. mirror])
        {
            string there = FileFacts.Nearest(path);
            FileSystemSpace space = measure(there);
            if (seen.Add((space.Id, space.TotalBytes, space.Inodes)))
            {
                yield return Bytes(there, space);
                if (space.Inodes > 0)
                {
                    yield return Inodes(there, space);
                }
            }
        }
    }

    private static Finding Bytes(string path, FileSystemSpace space)
    {
        string what = $"{HumanBytes.Of(space.FreeBytes)} of {HumanBytes.Of(space.TotalBytes)} are free for {path}";
        const string advice = "add space, or delete objects (deletes still work); old versions and unfinished uploads are removed by lifecycle rules";
        return space.FreeBytes < Short ? Finding.Problem($"{what}: uploads are refused, or soon will be", advice)
            : space.FreeBytes < Little || space.FreeBytes < space.TotalBytes / 20 ? Finding.Warning(what, advice)
            : Finding.Ok(what);
    }

    private static Finding Inodes(string path, FileSystemSpace space)
    {
        string what = string.Create(CultureInfo.InvariantCulture, $"{space.FreeInodes:N0} of {space.Inodes:N0} inodes are free for {path}");
        const string advice = "objects above some kilobytes are files of their own: delete some, or move the data to a file system with more inodes (XFS, or ext4 made with a smaller -i)";
        return space.FreeInodes < space.ReservedInodes * 2 ? Finding.Problem($"{what}: uploads are refused, or soon will be", advice)
            : space.FreeInodes < space.Inodes / 20 ? Finding.Warning(what, advice)
            : Finding.Ok(what);
    }
}

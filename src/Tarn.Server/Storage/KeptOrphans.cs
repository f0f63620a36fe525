using System.Text;
using Tarn.Core.Files;
using Tarn.Core.Maintenance;

namespace Tarn.Server.Storage;

/// <summary>
/// The file <c>keep-orphans</c> in the data directory, whose text says why metadata may be missing: after a start that lost rows, with metadata older than the blobs, after a rebuild, and at the first start after an upgrade from a build that did not note it. While it is there,
/// blobs that nothing refers to are not removed. With a mirror it is in both sides, and what is in either counts.
/// </summary>
/// <param name="roots">The data directory, and its mirror if there is one: those that are in use at a moment.</param>
internal sealed class KeptOrphans(Func<IEnumerable<string>> roots) : IKeptOrphans
{
    private const string Name = "keep-orphans";

    public KeptOrphans(string root) : this(() => [root])
    {
    }

    /// <inheritdoc/>
    public string? Reason => roots().Select(Find).FirstOrDefault(static reason => reason is not null);

    /// <summary>Keeps orphans, durably, until an operator has decided. If they are kept already, the first reason stays.</summary>
    /// <param name="root">The data directory.</param>
    /// <param name="reason">Why, as a sentence.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Keep(string root, string reason)
    {
        string path = Path.Combine(root, Name);
        if (!File.Exists(path))
        {
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(reason + "\n"));
        }
    }

    /// <summary>Keeps the orphans of a side that gets everything from the other one for the same reason as there, or no more.</summary>
    /// <param name="reason">The reason there; null for none.</param>
    /// <param name="root">The side.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Take(string? reason, string root)
    {
        if (reason is not null)
        {
            Keep(root, reason);
        }
        else
        {
            Release(root);
        }
    }

    /// <inheritdoc/>
    public void Release()
    {
        foreach (string root in roots())
        {
            Release(root);
        }
    }

    /// <summary>The reason of one directory; null for none.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string? Find(string root)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, Name)).TrimEnd();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static void Release(string root)
    {
        string path = Path.Combine(root, Name);
        if (File.Exists(path))
        {
            File.Delete(path);
            FileSync.Directory(root);
        }
    }
}

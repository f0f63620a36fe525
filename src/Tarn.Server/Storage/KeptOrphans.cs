using System.Text;
using Tarn.Core.Files;
using Tarn.Core.Scrubbing;

namespace Tarn.Server.Storage;

/// <summary>
/// The file <c>keep-orphans</c> in the data directory, whose text says why metadata may be missing: after a start by force, a restore or a rebuild. While it is there,
/// blobs that nothing refers to are not removed.
/// </summary>
internal sealed class KeptOrphans(string data) : IKeptOrphans
{
    private const string Name = "keep-orphans";

    private readonly string _path = Path.Combine(data, Name);

    /// <inheritdoc/>
    public string? Reason
    {
        get
        {
            try
            {
                return File.ReadAllText(_path).TrimEnd();
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
        }
    }

    /// <summary>Keeps orphans, durably, until an operator has decided.</summary>
    /// <param name="data">The data directory.</param>
    /// <param name="reason">Why, as a sentence.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Keep(string data, string reason) => AtomicFile.Write(Path.Combine(data, Name), Encoding.UTF8.GetBytes(reason + "\n"));

    /// <inheritdoc/>
    public void Release()
    {
        if (File.Exists(_path))
        {
            File.Delete(_path);
            FileSync.Directory(data);
        }
    }
}

namespace Tarn.TestKit.Servers;

/// <summary>A new directory under the system's temporary one, removed with all it holds when disposed.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    /// <summary>Makes the directory.</summary>
    /// <param name="purpose">A short word that shows in its name.</param>
    public TemporaryDirectory(string purpose) =>
        FullPath = Directory.CreateTempSubdirectory($"tarn-{purpose}-").FullName;

    /// <summary>The absolute path.</summary>
    public string FullPath { get; }

    /// <summary>The absolute path of something inside.</summary>
    public string PathOf(params ReadOnlySpan<string> names) => Path.Combine([FullPath, .. names]);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(FullPath, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // A test removed it already.
        }
    }
}

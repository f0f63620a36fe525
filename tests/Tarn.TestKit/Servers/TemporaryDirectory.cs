namespace Tarn.TestKit.Servers;

/// <summary>A new directory below the system's temporary one, removed with its contents when disposed.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    /// <summary>Creates the directory.</summary>
    /// <param name="purpose">A short word that becomes part of its name.</param>
    public TemporaryDirectory(string purpose = "tests") =>
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

using Tarn.Core.Consistency;

namespace Tarn.Server.Backups;

/// <summary>Files on this machine in which something is kept on its way to or from a place that is far away. What fails here is no finding about what the place has.</summary>
internal sealed class ScratchFiles : IDisposable
{
    /// <summary>The directory, in that for temporary files.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("tarn-backup-").FullName;

    /// <summary>Creates a directory, for whoever removes it.</summary>
    public string CreateDirectory() => Directory.CreateDirectory(NewPath()).FullName;

    /// <summary>Creates a file that is gone when it is closed.</summary>
    /// <exception cref="CopyPlaceException">It cannot be made.</exception>
    public FileStream Create() => Create(NewPath(), FileOptions.DeleteOnClose);

    /// <summary>Creates a file.</summary>
    /// <exception cref="CopyPlaceException">It cannot be made.</exception>
    public FileStream Create(string path, FileOptions options = FileOptions.None)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e);
        }
    }

    /// <summary>Copies to a file, which is at its beginning then.</summary>
    /// <exception cref="CopyPlaceException">The place does not answer, or the file cannot be written.</exception>
    public async ValueTask CopyAsync(Stream content, FileStream copy, CancellationToken cancellationToken)
    {
        try
        {
            await content.CopyToAsync(copy, cancellationToken);
            await copy.FlushAsync(cancellationToken);
            copy.Position = 0;
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not CopyPlaceException)
        {
            throw Failed(e);
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private CopyPlaceException Failed(Exception e) => new($"the directory for temporary files {Root}: {e.Message}", e);

    private string NewPath() => Path.Combine(Root, Path.GetRandomFileName());
}

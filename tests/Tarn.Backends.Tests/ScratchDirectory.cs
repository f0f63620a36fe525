namespace Tarn.Backends.Tests;

/// <summary>A test's own directory, removed after it.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tarn-backends-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

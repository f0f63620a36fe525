namespace Tarn.Backends.Tests;

/// <summary>A directory of a test's own, removed with it.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tarn-backends-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

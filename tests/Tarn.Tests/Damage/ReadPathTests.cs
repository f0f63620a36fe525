using Tarn.Tests.Docs;

namespace Tarn.Tests.Damage;

/// <summary>Whoever reads stored bytes verifies them: nothing else sees them.</summary>
public sealed class ReadPathTests
{
    /// <summary>Where blobs are read without verification: the engines themselves, and what verifies.</summary>
    private static readonly string[] Readers = ["src/Tarn.Backends/", "src/Tarn.Core/Blobs/", "src/Tarn.Core/Consistency/", "src/Tarn.Core/Mirroring/", "src/Tarn.Core/Scrubbing/BlobRewrite.cs", "src/Tarn.Server/Backups/LinklessBlobs.cs", "src/Tarn.Server/Backups/S3Blobs.cs"];

    [Fact]
    public void Blobs_are_read_only_by_what_verifies_them() =>
        Assert.All(Sources("IBlobReader"), path => Assert.Contains(Readers, reader => path.StartsWith(reader, StringComparison.Ordinal)));

    [Fact]
    public void Rows_of_small_objects_are_read_only_by_what_verifies_them() =>
        Assert.Equal(["src/Tarn.Core/Consistency/ReferenceCheck.cs", "src/Tarn.Core/Objects/Reading/InlineRows.cs"], Sources("GetAsync(Tables.InlineDataKey"));

    private static IEnumerable<string> Sources(string text) =>
        Directory.EnumerateFiles(Path.Combine(Pages.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => File.ReadAllText(path).Contains(text, StringComparison.Ordinal))
            .Select(path => Path.GetRelativePath(Pages.Root, path))
            .Order(StringComparer.Ordinal);
}

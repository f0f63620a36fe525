using System.Text;
using Tarn.Core.Errors;
using Tarn.S3.Documents;

namespace Tarn.Tests.Documents;

/// <summary>What documents leave in memory. Runs alone: it reads what the whole process holds.</summary>
[Collection(nameof(DocumentMemoryTests))]
[CollectionDefinition(nameof(DocumentMemoryTests), DisableParallelization = true)]
public sealed class DocumentMemoryTests
{
    [Fact]
    public void Documents_of_distinct_names_leave_nothing_behind()
    {
        Read(0);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int seed = 1; seed <= 100; seed++)
        {
            Read(seed);
        }

        // Names that stayed would be over 100 MiB.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 * 1024 * 1024);
    }

    private static void Read(int seed)
    {
        byte[] document = Encoding.UTF8.GetBytes($"<Delete>{string.Concat(Enumerable.Range(0, 20_000).Select(i => $"<n{seed}x{i}/>"))}</Delete>");
        Assert.Equal(S3Error.MalformedXml, Assert.Throws<S3Exception>(() => DocumentReader.Read(DocumentShapes.Delete, document)).Error);
    }
}

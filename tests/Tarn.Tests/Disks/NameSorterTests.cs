using System.Text;
using Tarn.Core.Disks.Listing;

namespace Tarn.Tests.Disks;

public sealed class NameSorterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Names_come_in_the_order_of_their_bytes(int seed)
    {
        var random = new Random(seed);
        foreach (int count in new[] { 0, 1, 2, 24, 25, 100, 3000 })
        {
            string shared = new('p', random.Next(40));
            var names = new HashSet<string>();
            while (names.Count < count)
            {
                // Long runs of the same byte, so that many names agree in their first eight bytes and beyond.
                string name = shared + new string('a', random.Next(30)) + Suffix(random);
                names.Add(name[..Math.Min(name.Length, 255)]);
            }

            var builder = new SnapshotBuilder(new SnapshotLimits(int.MaxValue, int.MaxValue), []);
            foreach (string name in names)
            {
                builder.Add(random.Next(2) == 0 ? EntryKind.File : EntryKind.Directory, Encoding.Latin1.GetBytes(name));
            }

            DirectorySnapshot built = builder.Build();
            List<string> sorted = [.. Enumerable.Range(0, built.Count).Select(i => Encoding.Latin1.GetString(built.Name(i)))];
            Assert.Equal(count, sorted.Count);
            Assert.Equal(sorted.Order(StringComparer.Ordinal), sorted);
            Assert.Equal(names.Order(StringComparer.Ordinal), sorted.Select(name => name.TrimEnd('/')).Order(StringComparer.Ordinal));
            for (int i = 0; i < sorted.Count; i++)
            {
                Assert.Equal(i, built.Seek(built.Name(i)));
                Assert.Equal(i + 1, built.Seek([.. built.Name(i), 0]));
            }
        }
    }

    [Fact]
    public void A_name_that_is_read_twice_is_listed_once_and_looked_at()
    {
        var builder = new SnapshotBuilder(new SnapshotLimits(100, 1000), []);
        builder.Add(EntryKind.File, "x"u8);
        builder.Add(EntryKind.Directory, "x"u8);
        builder.Add(EntryKind.File, "x"u8);
        DirectorySnapshot built = builder.Build();
        Assert.Equal(2, built.Count);
        Assert.Equal([EntryKind.PerhapsFile, EntryKind.Directory], [built.Kind(0), built.Kind(1)]);
    }

    private static string Suffix(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => (char)random.Next(1, 256)).Where(c => c != '/'));
}

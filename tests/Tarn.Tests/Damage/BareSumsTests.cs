using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Damage;

/// <summary>The checksums of bare data that are remembered are bounded, by what they take with all that belongs to them.</summary>
public sealed class BareSumsTests
{
    [Fact]
    public void The_oldest_are_forgotten_when_there_is_no_room()
    {
        var sums = new BareSums(maxBlocks: 2 * (BareSums.Overhead + 3));
        for (int i = 0; i < 3; i++)
        {
            sums.Add(Key(i), Blocks(3));
        }

        Assert.Equal([false, true, true], Enumerable.Range(0, 3).Select(i => sums.Find(Key(i)) is not null));
        sums.Add(Key(3), Blocks(BareSums.Overhead + 6));
        Assert.Equal([false, false, false, true], Enumerable.Range(0, 4).Select(i => sums.Find(Key(i)) is not null));
    }

    [Fact]
    public void What_is_too_large_is_not_remembered_and_forgets_nothing()
    {
        var sums = new BareSums(maxBlocks: BareSums.Overhead + 3);
        sums.Add(Key(0), Blocks(3));
        byte[] table = sums.Add(Key(1), Blocks(4));
        Assert.Equal(4 * BlobLayout.ChecksumSize, table.Length);
        Assert.Null(sums.Find(Key(1)));
        Assert.NotNull(sums.Find(Key(0)));
    }

    [Fact]
    public void A_piece_is_known_by_its_runs_whoever_holds_them()
    {
        var random = new SeededRandomSource(1);
        Extent one = new(BlobId.Create(random), 3, 5, 7, 100), other = new(BlobId.Create(random), 0, 1, 2);
        Assert.Equal(BareSums.KeyOf([one, other]), BareSums.KeyOf([one with { Reference = 9, Stored = 0 }, other]));
        Assert.Equal(5, new[]
        {
            BareSums.KeyOf([one, other]), BareSums.KeyOf([other, one]), BareSums.KeyOf([one]), BareSums.KeyOf([one with { Offset = 6 }]), BareSums.KeyOf([one with { Length = 6 }]),
        }.Distinct().Count());
    }

    private static Id128 Key(int i) => new(0, (ulong)i);

    private static BlockChecksummer Blocks(int count)
    {
        var sums = new BlockChecksummer();
        sums.Append(new byte[count * BlobLayout.BlockSize]);
        return sums;
    }
}

using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Servers;

namespace Tarn.Backends.Tests.Damage;

/// <summary>Every kind of damage to every kind of file: found when the store is opened, or when what is damaged is read, and never a row less or another value.</summary>
public sealed class EveryFileTests : IAsyncLifetime
{
    private const string Table = "*.sst";
    private const string Blobs = "*.blob";
    private const string Log = "*.log";
    private const string Manifest = "MANIFEST-*";

    private StoreImage _image = null!;

    /// <summary>When damage must be found.</summary>
    public enum Found
    {
        /// <summary>The start is refused.</summary>
        WhenOpened,

        /// <summary>The start is refused, or reads of some rows.</summary>
        WhenRead,

        /// <summary>The store opens with a notice, and all rows are there.</summary>
        AsNotice,

        /// <summary>Nothing depends on it.</summary>
        Never,
    }

    public async ValueTask InitializeAsync() => _image = await StoreImage.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _image.Dispose();
        return default;
    }

    public static TheoryData<string, FileDamage, Found> Cases()
    {
        TheoryData<string, FileDamage, Found> cases = [];
        foreach (FileDamage damage in Enum.GetValues<FileDamage>())
        {
            bool inPlace = damage is FileDamage.Bit or FileDamage.Zeroed;
            cases.Add(Table, damage, inPlace ? Found.WhenRead : Found.WhenOpened);
            cases.Add(Blobs, damage, inPlace || damage == FileDamage.Swapped ? Found.WhenRead : Found.WhenOpened);
            cases.Add(Log, damage, damage == FileDamage.Appended ? Found.AsNotice : Found.WhenOpened);
            cases.Add(Manifest, damage, damage == FileDamage.Appended ? Found.AsNotice : Found.WhenOpened);
            cases.Add("CURRENT", damage, Found.WhenOpened);
            cases.Add("OPTIONS-*", damage, Found.Never);
            cases.Add("IDENTITY", damage, Found.Never);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Damage_at_rest_is_found(string pattern, FileDamage damage, Found found)
    {
        double[] places = damage is FileDamage.Bit or FileDamage.Zeroed ? [0, 0.2, 0.4, 0.6, 0.8] : [0.5];
        foreach (double at in places)
        {
            using TemporaryDirectory copy = _image.Clone();
            string path = StoreImage.Files(copy.FullPath, pattern)[0];
            damage.Apply(path, _image.Other(copy.FullPath, pattern), at);
            string[] before = CrashImage.Contents(copy.FullPath);
            List<string> notices = [];
            List<StoreDamagedException> reported = [];
            RocksDbOptions options = new() { ReserveBytes = 0, Notice = notices.Add, Damaged = reported.Add };
            try
            {
                await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(copy.FullPath, options);
                Assert.NotEqual(Found.WhenOpened, found);
                int damaged = await StoreImage.CountDamagedAsync(store);
                Assert.Equal(found == Found.AsNotice ? 1 : 0, notices.Count);
                Assert.Equal(damaged, reported.Count);
                Assert.All(reported, damage => Assert.Matches(StoreImage.PlaceIn(path), damage.Message));
                Assert.True(damaged == 0 || found == Found.WhenRead);

                // A bit of a file that no row depends on, such as one of its properties, may be flipped.
                Assert.True(damaged > 0 || found != Found.WhenRead || (damage == FileDamage.Bit && pattern == Table), $"{at}: nothing was found");
            }
            catch (StoreDamagedException)
            {
                Assert.True(found is Found.WhenOpened or Found.WhenRead);
                Assert.Equal(before, CrashImage.Contents(copy.FullPath));
            }
        }
    }

    [Fact]
    public void The_two_files_that_are_swapped_have_the_same_length()
    {
        using TemporaryDirectory copy = _image.Clone();
        foreach (string pattern in (string[])[Table, Blobs])
        {
            Assert.Single(StoreImage.Files(copy.FullPath, pattern).Select(path => new FileInfo(path).Length).Distinct());
        }
    }
}

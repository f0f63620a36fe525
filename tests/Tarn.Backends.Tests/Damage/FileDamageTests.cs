using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Servers;

namespace Tarn.Backends.Tests.Damage;

/// <summary>Damage to the other files of the metadata is reported when they are opened or read, and no rows appear that were not written.</summary>
public sealed class FileDamageTests : IAsyncLifetime
{
    private const int Rows = 30;

    private CrashImage _image = null!;
    private TemporaryDirectory _directory = null!;

    public async ValueTask InitializeAsync()
    {
        // Opened and closed twice: tables, blob files, and manifests that say so.
        _image = await CrashImage.CreateAsync(Rows);
        _directory = _image.Clone();
        await RocksDbKeyValueStore.Open(_directory.FullPath, new RocksDbOptions()).DisposeAsync();
        await RocksDbKeyValueStore.Open(_directory.FullPath, new RocksDbOptions()).DisposeAsync();
    }

    public ValueTask DisposeAsync()
    {
        _image.Dispose();
        _directory.Dispose();
        return default;
    }

    [Theory]
    [InlineData("MANIFEST-*", true)]
    [InlineData("CURRENT", true)]
    [InlineData("*.sst", false)]
    [InlineData("*.blob", false)]
    public async Task No_flipped_bit_is_silent(string pattern, bool whenOpened)
    {
        string path = Directory.GetFiles(_directory.FullPath, pattern).Single();
        byte[] whole = File.ReadAllBytes(path);
        for (int i = 0; i < 24; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i * (whole.Length - 1) / 23] ^= 0x10;
            await CheckAsync(path, damaged, whenOpened);
        }
    }

    [Theory]
    [InlineData("MANIFEST-*", true)]
    [InlineData("CURRENT", true)]
    [InlineData("*.sst", true)]
    [InlineData("*.blob", true)]
    public async Task A_file_that_is_missing_or_short_is_noticed(string pattern, bool whenOpened)
    {
        string path = Directory.GetFiles(_directory.FullPath, pattern).Single();
        byte[] whole = File.ReadAllBytes(path);
        await CheckAsync(path, null, whenOpened);
        await CheckAsync(path, [], whenOpened);
        await CheckAsync(path, whole[..(whole.Length / 2)], whenOpened);

        // A manifest's last record may be one that nothing depends on.
        await CheckAsync(path, whole[..^1], whenOpened && pattern != "MANIFEST-*");
    }

    [Fact]
    public async Task A_manifest_that_ends_early_between_two_records_is_refused()
    {
        string path = Directory.GetFiles(_directory.FullPath, "MANIFEST-*").Single();
        byte[] whole = File.ReadAllBytes(path);
        int at = 0;
        int cuts = 0;
        for (int end; at < whole.Length; at = end)
        {
            end = at + 7 + BitConverter.ToUInt16(whole, at + 4);
            if (end < whole.Length)
            {
                cuts++;
                await CheckAsync(path, whole[..end], whenOpened: false);
            }
        }

        Assert.True(cuts > 0);
    }

    [Fact]
    public void Without_its_metadata_files_but_with_the_record_of_them_it_is_refused()
    {
        foreach (string path in Directory.GetFiles(_directory.FullPath).Where(path => !path.EndsWith("SYNCED", StringComparison.Ordinal)))
        {
            File.Delete(path);
        }

        Assert.Throws<StoreDamagedException>(() => RocksDbKeyValueStore.Open(_directory.FullPath, new RocksDbOptions()));
    }

    [Fact]
    public async Task A_first_start_that_was_cut_off_is_begun_again()
    {
        using TemporaryDirectory fresh = new();
        await RocksDbKeyValueStore.Open(fresh.FullPath, new RocksDbOptions()).DisposeAsync();
        using TemporaryDirectory cut = new();
        File.Copy(Directory.GetFiles(fresh.FullPath, "MANIFEST-*").First(), Path.Combine(cut.FullPath, "MANIFEST-000001"));
        File.WriteAllText(Path.Combine(cut.FullPath, "IDENTITY"), "x");
        await RocksDbKeyValueStore.Open(cut.FullPath, new RocksDbOptions()).DisposeAsync();
    }

    /// <summary>Opening it or reading all of it fails, or every row is there.</summary>
    private async Task CheckAsync(string path, byte[]? content, bool whenOpened)
    {
        using TemporaryDirectory copy = new();
        foreach (string file in Directory.GetFiles(_directory.FullPath))
        {
            File.Copy(file, Path.Combine(copy.FullPath, Path.GetFileName(file)));
        }

        string damaged = Path.Combine(copy.FullPath, Path.GetFileName(path));
        if (content is null)
        {
            File.Delete(damaged);
        }
        else
        {
            File.WriteAllBytes(damaged, content);
        }

        string[] before = CrashImage.Contents(copy.FullPath);
        bool isOpen = false;
        List<string> notices = [];
        try
        {
            await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(copy.FullPath, new RocksDbOptions { Notice = notices.Add });
            isOpen = true;
            Assert.Equal(Rows, await CrashImage.CountAsync(store));
            Assert.True(!whenOpened || notices.Count == 1, "It was opened.");
        }
        catch (StoreDamagedException)
        {
            if (!isOpen)
            {
                Assert.Equal(before, CrashImage.Contents(copy.FullPath));
            }
        }
    }
}

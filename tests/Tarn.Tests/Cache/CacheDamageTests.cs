using Tarn.Core.Cache;
using static Tarn.Tests.Cache.CacheSetup;

namespace Tarn.Tests.Cache;

/// <summary>Whatever happens to the files of a cache, a read gives what the blob has.</summary>
public sealed class CacheDamageTests
{
    private static readonly FrameKey[] Keys = [Key(1), Key(2), Key(3, 2, 70_000), new FrameKey(BlobContent.Blob(4), 77, 65_000), Key(5, 0, 10)];

    [Fact]
    public async Task Any_damaged_byte_of_a_slab_is_at_worst_a_miss()
    {
        await using CacheSetup setup = await FilledAsync();
        var random = new Random(5);
        string[] slabs = Slabs(setup);
        long dataAt = SlabLayout.For(setup.Options.Capacity).DataAt;
        foreach (string slab in slabs)
        {
            byte[] sound = File.ReadAllBytes(slab);

            // The slab's header, the headers of its first slots, then what is in the slots.
            IEnumerable<long> places = [.. Enumerable.Range(0, 24).Select(static i => i * 2L), .. Enumerable.Range(0, 40).Select(_ => 4096 + random.NextInt64(512)),
                dataAt, .. Enumerable.Range(0, 40).Select(_ => dataAt + random.NextInt64(1 << 20)), .. Enumerable.Range(0, 10).Select(_ => random.NextInt64(sound.Length))];
            foreach (long[] places3 in places.Chunk(3))
            {
                byte[] damaged = [.. sound];
                foreach (long place in places3)
                {
                    damaged[place] ^= (byte)(1 << random.Next(8));
                }

                await CheckAsync(setup, () => File.WriteAllBytes(slab, damaged));
            }
        }
    }

    [Fact]
    public async Task Damage_that_a_read_finds_is_counted_and_the_frame_is_fetched_and_kept_again()
    {
        await using CacheSetup setup = await FilledAsync();
        await setup.CloseAsync();
        long dataAt = SlabLayout.For(setup.Options.Capacity).DataAt;
        using (FileStream slab = File.OpenWrite(Slabs(setup)[0]))
        {
            slab.Position = dataAt + (3 * Block) + 5;
            slab.WriteByte((byte)~BlobContent.Of(Key(1).Blob, (3 * Block) + 5, 1)[0]);
        }

        await setup.ReopenAsync();
        setup.Source.Opened.Clear();

        // The other blocks are sound.
        Assert.Equal(CacheOrigin.Hit, (await setup.ReadAsync(Key(1), 4 * Block, Block)).Origin);
        Assert.Empty(setup.StoredDamage);
        Assert.Equal(CacheOrigin.Miss, (await setup.ReadAsync(Key(1), 3 * Block, 10)).Origin);
        Assert.Equal(Key(1), Assert.Single(setup.StoredDamage));
        Assert.Equal(1, setup.Statistics.DamagedStoredFrames);
        await setup.Cache.SettleAsync();
        Assert.True(await setup.IsHitAsync(Key(1)));
        Assert.Equal([Key(1)], setup.Source.Opened);
    }

    [Fact]
    public async Task Damage_on_the_device_is_found_once_the_bytes_have_left_memory_and_after_a_while_in_memory_too()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        await setup.FillAsync(Key(2));
        foreach (string path in Slabs(setup))
        {
            using var slab = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            slab.Position = SlabLayout.For(setup.Options.Capacity).DataAt;
            slab.Write(new byte[2 << 20]);
        }

        setup.Files.HasNoMemory = true;
        Assert.False(await setup.IsHitAsync(Key(1)));
        setup.Files.HasNoMemory = false;
        setup.Clock.Advance(VerifiedMarks.Lifetime * 2);
        Assert.False(await setup.IsHitAsync(Key(2)));
        Assert.Equal(2, setup.StoredDamage.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_device_brings_into_memory_for_a_reader_who_has_left_is_verified_before_it_is_given(bool isVerifiedMeanwhile)
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));

        // Of this block alone it is known that it is sound.
        setup.Clock.Advance(VerifiedMarks.Lifetime * 2);
        await setup.ReadAsync(Key(1), 0, Block);
        if (!isVerifiedMeanwhile)
        {
            DamageFirstBlock(setup);
        }

        setup.Files.HasNoMemory = true;
        using var held = new HeldCalls(setup, FileCall.Read, most: 1);
        using var leaving = new CancellationTokenSource();
        Task<CacheRead> reader = setup.ReadAsync(Key(1), 0, 2 * Block, ct: leaving.Token);
        await held.ReachedAsync();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        setup.Files.HasNoMemory = false;
        if (isVerifiedMeanwhile)
        {
            await setup.ReadAsync(Key(1), 0, Block);
            DamageFirstBlock(setup);
        }

        held.LetGo();
        while (setup.Cache.IsPinned(Key(1)))
        {
            await Task.Yield();
        }

        Assert.Equal(CacheOrigin.Miss, (await setup.ReadAsync(Key(1), 0, Block)).Origin);
        Assert.Single(setup.StoredDamage);
    }

    private static void DamageFirstBlock(CacheSetup setup)
    {
        using var slab = new FileStream(Slabs(setup)[0], FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        slab.Position = SlabLayout.For(setup.Options.Capacity).DataAt;
        slab.WriteByte((byte)~BlobContent.Of(Key(1).Blob, 0, 1)[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(4096)]
    [InlineData(4200)]
    [InlineData(20_000)]
    [InlineData(700_000)]
    public async Task A_slab_that_was_cut_off_is_at_worst_misses(long length)
    {
        await using CacheSetup setup = await FilledAsync();
        foreach (string slab in Slabs(setup))
        {
            byte[] sound = File.ReadAllBytes(slab);
            await CheckAsync(setup, () => File.WriteAllBytes(slab, sound[..(int)length]));
        }
    }

    [Fact]
    public async Task A_slab_that_is_missing_is_misses()
    {
        await using CacheSetup setup = await FilledAsync();
        foreach (string slab in Slabs(setup))
        {
            await CheckAsync(setup, () => File.Delete(slab));
        }
    }

    [Fact]
    public async Task Slabs_that_were_exchanged_or_copied_give_nothing_wrong()
    {
        await using CacheSetup setup = await FilledAsync();
        string[] slabs = Slabs(setup);
        await CheckAsync(setup, () =>
        {
            File.Move(slabs[0], slabs[0] + "x");
            File.Move(slabs[1], slabs[0]);
            File.Move(slabs[0] + "x", slabs[1]);
        });
        await CheckAsync(setup, () => File.Copy(slabs[0], slabs[1], overwrite: true));
        await CheckAsync(setup, () => File.Copy(slabs[0], Path.Combine(setup.Options.Directory, "slab-000009")));
    }

    [Fact]
    public async Task Slabs_of_zeros_or_noise_give_nothing_wrong()
    {
        await using CacheSetup setup = await FilledAsync();
        byte[] bytes = new byte[3 << 20];
        foreach (string slab in Slabs(setup))
        {
            await CheckAsync(setup, () => File.WriteAllBytes(slab, bytes));
            new Random(1).NextBytes(bytes);
        }
    }

    private static async Task<CacheSetup> FilledAsync()
    {
        CacheSetup setup = await OpenAsync();
        foreach (FrameKey key in Keys)
        {
            await setup.FillAsync(key);
        }

        return setup;
    }

    /// <summary>Changes files while the cache is closed, and reads everything twice: the second time all are hits.</summary>
    private static async Task CheckAsync(CacheSetup setup, Action change)
    {
        await setup.CloseAsync();
        change();
        await setup.ReopenAsync();
        foreach (FrameKey key in Keys)
        {
            await setup.FillAsync(key);
            Assert.True(await setup.IsHitAsync(key));
        }
    }

    private static string[] Slabs(CacheSetup setup) => [.. Directory.GetFiles(setup.Options.Directory, "slab-*").Order(StringComparer.Ordinal)];
}

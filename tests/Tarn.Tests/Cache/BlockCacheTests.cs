using System.Diagnostics;
using System.Runtime.Versioning;
using Tarn.Core.Cache;
using static Tarn.Tests.Cache.CacheSetup;

namespace Tarn.Tests.Cache;

public sealed class BlockCacheTests
{
    [Fact]
    public async Task A_frame_is_fetched_once_and_read_from_the_device_afterwards()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        Assert.True(setup.Cache.Contains(Key(1)));
        Assert.Equal([CacheOrigin.Hit], await setup.ReadAllAsync(Key(1)));
        await setup.ReadAsync(Key(1), 70_000, 1);
        await setup.ReadAsync(Key(1), 1_000_000, 48_576);
        Assert.Equal([Key(1)], setup.Source.Opened);
        BlockCacheStatistics statistics = setup.Statistics;
        Assert.Equal((1, Frame, Frame, 1, Frame), (statistics.Frames, statistics.FrameBytes, statistics.FillBytes, statistics.Fills, statistics.FetchedBytes));
        Assert.Equal((2 * Frame) + 1 + 48_576, statistics.HitBytes + statistics.JoinedBytes + statistics.MissBytes);
        Assert.InRange(statistics.HitBytes, Frame + 1 + 48_576, (2 * Frame) - 1 + 48_576);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 65_536)]
    [InlineData(0, 65_537)]
    [InlineData(77, 65_536)]
    [InlineData(65_535, 2)]
    [InlineData(1_000_000, 48_576)]
    [InlineData(3, 1_048_573)]
    [InlineData(131_072, 400_000)]
    public async Task Frames_of_any_length_and_place_are_read_in_any_pieces(int start, int length)
    {
        await using CacheSetup setup = await OpenAsync();
        var key = new FrameKey(BlobContent.Blob(3), (5L << 20) + start, length);
        foreach (bool isUnverified in (bool[])[false, true])
        {
            if (isUnverified)
            {
                await setup.ReopenAsync();
            }

            foreach (int step in (int[])[1 << 20, 65_536, 50_001])
            {
                await setup.ReadAllAsync(key, step: step);
                await setup.Cache.SettleAsync();
            }
        }

        Assert.Equal([key], setup.Source.Opened);
        Assert.Equal(0, (await setup.ReadAsync(key, key.Length, 0)).Count);
        Assert.Equal(0, (await setup.ReadAsync(key, key.Length, 10)).Count);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => setup.ReadAsync(key, key.Length + 1, 10));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => setup.ReadAsync(key, -1, 10));
    }

    [Fact]
    public async Task Frames_of_one_blob_that_differ_in_place_or_length_are_different()
    {
        await using CacheSetup setup = await OpenAsync();
        FrameKey[] keys = [Key(1), Key(1, 1), Key(1, 0, 5000), new FrameKey(BlobContent.Blob(1), 1, 5000)];
        foreach (FrameKey key in keys)
        {
            await setup.FillAsync(key);
        }

        foreach (FrameKey key in keys)
        {
            Assert.True(await setup.IsHitAsync(key));
        }

        Assert.Equal(keys, setup.Source.Opened);
    }

    [Fact]
    public async Task A_read_that_must_not_fill_takes_what_is_there_and_otherwise_the_blocks_it_needs()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        Assert.True(await setup.IsHitAsync(Key(1)));
        CacheRead read = await setup.ReadAsync(Key(2), 70_000, 100_000, CacheUse.LookOnly);
        await setup.Cache.SettleAsync();
        Assert.Equal((100_000, CacheOrigin.Miss), (read.Count, read.Origin));
        Assert.Equal([Key(1), new FrameKey(Key(2).Blob, 65_536, 131_072)], setup.Source.Opened);
        Assert.False(setup.Cache.Contains(Key(2)));
    }

    [Fact]
    public async Task A_read_that_must_neither_look_nor_fill_asks_the_source()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        CacheRead read = await setup.ReadAsync(Key(1), 1, 65_536, CacheUse.None);
        Assert.Equal((65_536, CacheOrigin.Miss), (read.Count, read.Origin));
        Assert.Equal([Key(1), new FrameKey(Key(1).Blob, 0, 131_072)], setup.Source.Opened);
        await setup.ReadAsync(Key(2), 1_048_000, 576, CacheUse.None);
        await setup.Cache.SettleAsync();
        Assert.False(setup.Cache.Contains(Key(2)));
    }

    [Fact]
    public async Task Frames_are_found_again_when_the_cache_is_opened_again()
    {
        await using CacheSetup setup = await OpenAsync();
        FrameKey[] keys = [Key(1), Key(2, 3, 70_000), Key(3, 0, 10), new FrameKey(BlobContent.Blob(4), 77, 200_000)];
        foreach (FrameKey key in keys)
        {
            await setup.FillAsync(key);
        }

        BlockCacheStatistics before = setup.Statistics;
        await setup.ReopenAsync();
        Assert.Equal((before.Frames, before.FrameBytes, before.UsedBytes), (setup.Statistics.Frames, setup.Statistics.FrameBytes, setup.Statistics.UsedBytes));
        foreach (FrameKey key in keys)
        {
            Assert.True(await setup.IsHitAsync(key));
        }

        Assert.Equal(4, setup.Source.Opened.Count);
        Assert.Empty(setup.StoredDamage);
    }

    [Fact]
    public async Task The_device_never_has_more_than_the_capacity()
    {
        await using CacheSetup setup = await OpenAsync();
        for (int i = 0; i < 60; i++)
        {
            await setup.FillAsync(Key(i));
            await setup.FillAsync(Key(i, 1, 1 + (i * 17_000)));
            Assert.InRange(BytesOf(setup), 0, setup.Options.Capacity);
            Assert.InRange(setup.Statistics.UsedBytes, BytesOf(setup), setup.Options.Capacity);
        }

        Assert.True(setup.Statistics.Evictions > 30);
        Assert.InRange(setup.Statistics.Frames, 10, 100);
        Assert.Equal(setup.Statistics.FillBytes - setup.Statistics.FrameBytes, setup.Statistics.EvictedBytes);
        await setup.ReopenAsync();
        Assert.InRange(BytesOf(setup), 0, setup.Options.Capacity);
    }

    [Fact]
    public async Task A_smaller_capacity_takes_effect_when_the_cache_is_opened()
    {
        await using CacheSetup setup = await OpenAsync(static options => options with { Capacity = 60L << 20 });
        for (int i = 0; i < 70; i++)
        {
            await setup.FillAsync(Key(i));
        }

        Assert.InRange(BytesOf(setup), 50L << 20, 60L << 20);
        foreach (long capacity in (long[])[58L << 20, 33L << 20])
        {
            setup.Options = setup.Options with { Capacity = capacity };
            await setup.ReopenAsync();
            Assert.InRange(BytesOf(setup), 0, capacity);
            await setup.FillAsync(Key(100));
            Assert.True(await setup.IsHitAsync(Key(100)));
        }
    }

    [Fact]
    public async Task Room_goes_from_one_size_to_another_as_it_is_needed()
    {
        await using CacheSetup setup = await OpenAsync();
        for (int i = 0; i < 40; i++)
        {
            await setup.FillAsync(Key(i));
        }

        // The device is full of large frames that nobody uses any more.
        for (int i = 100; i < 700; i++)
        {
            await setup.FillAsync(Key(i, 0, 65_536));
        }

        int small = Enumerable.Range(100, 600).Count(i => setup.Cache.Contains(Key(i, 0, 65_536)));
        Assert.InRange(small, 300, 600);
        for (int i = 1000; i < 1100; i++)
        {
            await setup.FillAsync(Key(i));
        }

        Assert.InRange(Enumerable.Range(1000, 100).Count(i => setup.Cache.Contains(Key(i))), 15, 30);
    }

    [Fact]
    public async Task What_is_in_use_survives_a_scan()
    {
        await using CacheSetup setup = await OpenAsync();
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 20; i++)
            {
                await setup.ReadAllAsync(Key(i), step: 200_000);
                await setup.Cache.SettleAsync();
            }
        }

        for (int i = 100; i < 200; i++)
        {
            await setup.ReadAllAsync(Key(i), step: 200_000);
            await setup.Cache.SettleAsync();
        }

        Assert.Equal(20, Enumerable.Range(0, 20).Count(i => setup.Cache.Contains(Key(i))));
    }

    [Fact]
    public async Task A_frame_that_is_too_old_is_fetched_again_and_leaves()
    {
        await using CacheSetup setup = await OpenAsync(static options => options with { MaxAge = TimeSpan.FromHours(1) });
        await setup.FillAsync(Key(1));
        await setup.FillAsync(Key(2));
        setup.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.True(await setup.IsHitAsync(Key(1)));
        await setup.ReopenAsync();
        Assert.True(await setup.IsHitAsync(Key(1)));
        setup.Clock.SetUtcNow(setup.Clock.GetUtcNow() + TimeSpan.FromMinutes(2));
        Assert.False(setup.Cache.Contains(Key(1)));
        Assert.False(await setup.IsHitAsync(Key(1)));

        // The other, which nobody asks for, leaves all the same.
        setup.Clock.Advance(TimeSpan.FromMinutes(8));
        Assert.Equal((0, 2), (setup.Statistics.Frames, setup.Statistics.Expired));
        await setup.FillAsync(Key(1));
        await setup.CloseAsync();
        setup.Clock.Advance(TimeSpan.FromHours(2));
        await setup.ReopenAsync();
        Assert.Equal(0, setup.Statistics.Frames);
    }

    [Fact]
    public async Task A_frame_from_the_future_is_not_kept_for_ever_when_the_clock_was_wrong()
    {
        await using CacheSetup setup = await OpenAsync(static options => options with { MaxAge = TimeSpan.FromHours(1) });
        await setup.FillAsync(Key(1));
        setup.Clock.AdjustTime(setup.Clock.GetUtcNow() - TimeSpan.FromDays(30));
        Assert.False(setup.Cache.Contains(Key(1)));
        Assert.False(await setup.IsHitAsync(Key(1)));
    }

    [Fact]
    public async Task Clearing_a_bucket_drops_its_frames_and_no_other_now_and_after_a_start()
    {
        await using CacheSetup setup = await OpenAsync();
        for (int i = 0; i < 10; i++)
        {
            await setup.FillAsync(Key(i), bucket: (ulong)(i % 2));
        }

        await setup.Cache.ClearAsync(0, CancellationToken.None);
        int[] expected = [1, 3, 5, 7, 9];
        Assert.Equal(expected, Enumerable.Range(0, 10).Where(i => setup.Cache.Contains(Key(i))));
        await setup.ReopenAsync();
        Assert.Equal(expected, Enumerable.Range(0, 10).Where(i => setup.Cache.Contains(Key(i))));
        await setup.FillAsync(Key(0), bucket: 0);
        Assert.True(await setup.IsHitAsync(Key(0)));
        await setup.Cache.ClearAsync(null, CancellationToken.None);
        Assert.Equal((0, 0), (setup.Statistics.Frames, setup.Statistics.FrameBytes));
        await setup.FillAsync(Key(20));
        await setup.ReopenAsync();
        Assert.Equal(1, setup.Statistics.Frames);
        Assert.True(await setup.IsHitAsync(Key(20)));
    }

    [Fact]
    public async Task A_frame_that_had_left_before_its_bucket_was_cleared_does_not_come_back_after_a_start()
    {
        await using CacheSetup setup = await OpenAsync();
        for (int i = 0; i < 100; i++)
        {
            await setup.FillAsync(Key(i, 0, 65_536), bucket: 7);
        }

        // A slab of these becomes one of large frames, or stays with slots that nothing has taken.
        for (int i = 200; i < 240; i++)
        {
            await setup.FillAsync(Key(i), bucket: 8);
        }

        await setup.Cache.ClearAsync(7, CancellationToken.None);
        await setup.ReopenAsync();
        Assert.DoesNotContain(Enumerable.Range(0, 100), i => setup.Cache.Contains(Key(i, 0, 65_536)));
    }

    [Fact]
    public async Task What_is_being_fetched_for_a_bucket_while_it_is_cleared_is_read_but_not_kept()
    {
        await using CacheSetup setup = await OpenAsync();
        var gate = new TaskCompletionSource();
        setup.Source.Giving = at => at == 0 ? Task.CompletedTask : gate.Task;
        await setup.ReadAsync(Key(1), 0, 10, bucket: 5);
        await setup.Cache.ClearAsync(5, CancellationToken.None);
        Task<List<CacheOrigin>> late = setup.ReadAllAsync(Key(1), bucket: 5);
        gate.SetResult();
        await late;
        await setup.Cache.SettleAsync();
        Assert.Equal(2, setup.Source.Opened.Count);

        // The one that was begun after the clearing is kept.
        Assert.True(setup.Cache.Contains(Key(1)));
        Assert.Equal(1, setup.Statistics.Fills);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Files_are_for_their_owner_alone()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(setup.Options.Directory));
        string[] files = Directory.GetFiles(setup.Options.Directory);
        Assert.Equal(["lock", "slab-000000", "tarn-cache"], files.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        await setup.CloseAsync();
        File.SetUnixFileMode(setup.Options.Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await setup.ReopenAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(setup.Options.Directory));
    }

    [Fact]
    public async Task A_directory_of_another_process_is_refused_and_free_once_that_closes_it()
    {
        await using CacheSetup setup = await OpenAsync();
        await using var second = new CacheSetup { Options = setup.Options };
        CacheDirectoryException refused = await Assert.ThrowsAsync<CacheDirectoryException>(second.ReopenAsync);
        Assert.Contains("in use", refused.Message, StringComparison.Ordinal);
        await setup.CloseAsync();
        await second.ReopenAsync();
    }

    [Theory]
    [InlineData("photo.jpg", false)]
    [InlineData("slab-000000", false)]
    [InlineData("slab-000000.bak", true)]
    [InlineData("slab-00000x", true)]
    [InlineData("notes", true)]
    public async Task A_directory_with_other_things_in_it_is_refused_and_left_as_it_is(string name, bool isCache)
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        await setup.CloseAsync();
        if (!isCache)
        {
            Directory.Delete(setup.Options.Directory, recursive: true);
            Directory.CreateDirectory(setup.Options.Directory);
        }

        File.WriteAllText(Path.Combine(setup.Options.Directory, name), "precious");
        string[] before = Directory.GetFileSystemEntries(setup.Options.Directory);
        CacheDirectoryException refused = await Assert.ThrowsAsync<CacheDirectoryException>(setup.ReopenAsync);
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(Path.Combine(setup.Options.Directory, name)));
        Assert.Equal(before.Order(), Directory.GetFileSystemEntries(setup.Options.Directory).Order());
    }

    [Fact]
    public async Task A_link_to_a_file_elsewhere_is_not_taken_for_a_slab()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.CloseAsync();
        string elsewhere = Path.Combine(Path.GetDirectoryName(setup.Options.Directory)!, "elsewhere");
        File.WriteAllText(elsewhere, "precious");
        File.CreateSymbolicLink(Path.Combine(setup.Options.Directory, "slab-000000"), elsewhere);
        await Assert.ThrowsAsync<CacheDirectoryException>(setup.ReopenAsync);
        Assert.Equal("precious", File.ReadAllText(elsewhere));
    }

    [Theory]
    [InlineData("slab-000007", true)]
    [InlineData("slab-000007", false)]
    [InlineData("lock", true)]
    [InlineData("lock", false)]
    [InlineData("tarn-cache", true)]
    [InlineData("tarn-cache", false)]
    public async Task What_has_the_name_of_a_file_of_the_cache_and_is_none_is_refused(string name, bool isFifo)
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        await setup.CloseAsync();
        string path = Path.Combine(setup.Options.Directory, name);
        File.Delete(path);
        if (isFifo)
        {
            using Process made = Process.Start("mkfifo", path);
            await made.WaitForExitAsync();
        }
        else
        {
            Directory.CreateDirectory(path);
        }

        CacheDirectoryException refused = await Assert.ThrowsAsync<CacheDirectoryException>(setup.ReopenAsync);
        Assert.Contains("in it, which is not of a cache", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_of_a_file_system_of_its_own_will_do()
    {
        await using var setup = new CacheSetup();
        Directory.CreateDirectory(Path.Combine(setup.Options.Directory, "lost+found"));
        await setup.ReopenAsync();
        await setup.FillAsync(Key(1));
        await setup.ReopenAsync();
        Assert.True(await setup.IsHitAsync(Key(1)));
    }

    [Theory]
    [InlineData("Tarn cache, format 2\n", true)]
    [InlineData("Tarn ca", false)]
    [InlineData("", false)]
    public async Task A_cache_of_another_format_is_refused_and_a_marker_that_was_cut_off_is_not(string marker, bool isRefused)
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.CloseAsync();
        File.WriteAllText(Path.Combine(setup.Options.Directory, "tarn-cache"), marker);
        if (isRefused)
        {
            await Assert.ThrowsAsync<CacheDirectoryException>(setup.ReopenAsync);
        }
        else
        {
            await setup.ReopenAsync();
            Assert.Equal("Tarn cache, format 1\n", File.ReadAllText(Path.Combine(setup.Options.Directory, "tarn-cache")));
        }
    }

    [Theory]
    [InlineData(1000, 16L << 20, null)]
    [InlineData(32L << 20, 1000, null)]
    [InlineData(32L << 20, 16L << 20, 0)]
    public async Task Options_out_of_bounds_are_refused(long capacity, long memory, int? seconds)
    {
        await using var setup = new CacheSetup();
        setup.Options = new BlockCacheOptions(setup.Options.Directory, capacity, seconds is { } age ? TimeSpan.FromSeconds(age) : null, memory);
        await Assert.ThrowsAnyAsync<ArgumentOutOfRangeException>(setup.ReopenAsync);
        Assert.False(Directory.Exists(setup.Options.Directory));
    }

    [Fact]
    public async Task A_hit_allocates_nothing()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        byte[] buffer = new byte[Frame];

        // The least of several rounds: in the first ones the runtime compiles the code on this thread.
        long least = long.MaxValue, sum = 0;
        for (int round = 0; round < 10; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 20; i++)
            {
                sum += Read();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal((0, 200L * Frame), (least, sum));
        Assert.Single(setup.Source.Opened);

        int Read()
        {
            ValueTask<CacheRead> read = setup.Cache.ReadAsync(Key(1), 0, buffer, 1, CacheUse.Fill, setup.Source, CancellationToken.None);
            return read.IsCompletedSuccessfully && read.Result is { Origin: CacheOrigin.Hit, Count: var count } ? count : 0;
        }
    }

    private static long BytesOf(CacheSetup setup) => new DirectoryInfo(setup.Options.Directory).EnumerateFiles().Sum(static file => file.Length);
}

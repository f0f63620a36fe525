using Tarn.Core.Cache;
using static Tarn.Tests.Cache.CacheSetup;

namespace Tarn.Tests.Cache;

/// <summary>What readers get when the device of the cache fails: what the source has.</summary>
public sealed class CacheDeviceTests
{
    [Fact]
    public async Task A_frame_that_cannot_be_read_is_fetched_again()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        setup.Files.HasNoMemory = true;
        Fail(setup, FileCall.Read);
        await setup.ReadAllAsync(Key(1));
        setup.Files.Before = null;
        await setup.Cache.SettleAsync();
        Assert.Equal((2, 1), (setup.Source.Opened.Count, setup.Statistics.DeviceErrors));
        Assert.Null(Assert.Single(setup.DeviceFailures).Pause);
        Assert.True(await setup.IsHitAsync(Key(1)));
    }

    [Fact]
    public async Task A_device_that_fails_several_reads_is_left_alone_and_tried_again_later()
    {
        await using CacheSetup setup = await OpenAsync();
        for (int i = 0; i < 10; i++)
        {
            await setup.FillAsync(Key(i));
        }

        setup.Files.HasNoMemory = true;
        Fail(setup, FileCall.Read);
        for (int i = 0; i < 10; i++)
        {
            await setup.ReadAllAsync(Key(i));
        }

        Assert.Equal(4, setup.Statistics.DeviceErrors);
        Assert.True(setup.Statistics.IsDevicePaused);
        setup.Files.Before = null;
        await setup.Cache.SettleAsync();
        Assert.False(setup.Source.Opened.Count(key => key == Key(9)) < 2);

        // It was not dropped, and is read from the device after the pause.
        Assert.True(setup.Cache.Contains(Key(9)));
        setup.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.False(setup.Statistics.IsDevicePaused);
        int opened = setup.Source.Opened.Count;
        Assert.True(await setup.IsHitAsync(Key(9)));
        Assert.Equal(opened, setup.Source.Opened.Count);
        Assert.Equal(1, setup.Recoveries);
    }

    [Fact]
    public async Task A_frame_that_cannot_be_written_stays_in_memory_until_that_is_needed()
    {
        await using CacheSetup setup = await OpenAsync(static options => options with { FetchMemory = 4L << 20 });
        Fail(setup, FileCall.Write);
        await setup.FillAsync(Key(1));
        Assert.Equal((0, 1, 1), (setup.Statistics.Frames, setup.Statistics.DeviceErrors, setup.Statistics.Unwritten));
        Assert.Equal([CacheOrigin.Hit], await setup.ReadAllAsync(Key(1)));
        Assert.Single(setup.Source.Opened);
        for (int i = 2; i < 20; i++)
        {
            await setup.FillAsync(Key(i));
            Assert.InRange(setup.Statistics.FetchMemoryUsed, 0, 4L << 20);
        }

        await setup.ReadAllAsync(Key(1));
        Assert.Equal(2, setup.Source.Opened.Count(static key => key == Key(1)));
        Assert.Equal(1, setup.Statistics.DeviceErrors);
        setup.Files.Before = null;
        setup.Clock.Advance(TimeSpan.FromSeconds(31));
        await setup.FillAsync(Key(30));
        Assert.Equal((1, 1), (setup.Statistics.Frames, setup.Recoveries));
    }

    [Fact]
    public async Task Where_the_device_is_full_the_cache_goes_on_with_the_room_it_has()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        Fail(setup, FileCall.Create);
        for (int i = 2; i < 10; i++)
        {
            await setup.FillAsync(Key(i));
            Assert.True(await setup.IsHitAsync(Key(i)));
        }

        Assert.Equal((2, 7, 1), (setup.Statistics.Frames, setup.Statistics.Evictions, setup.Statistics.DeviceErrors));
        setup.Files.Before = null;
        setup.Clock.Advance(TimeSpan.FromSeconds(31));
        await setup.FillAsync(Key(20));
        Assert.Equal(3, setup.Statistics.Frames);
    }

    [Fact]
    public async Task A_full_device_without_any_room_means_fetching()
    {
        await using CacheSetup setup = await OpenAsync();
        Fail(setup, FileCall.Create);
        await setup.FillAsync(Key(1));
        await setup.ReadAllAsync(Key(1));
        Assert.Equal(0, setup.Statistics.Frames);
        Assert.Equal(1, Directory.GetFiles(setup.Options.Directory).Length - 1);
    }

    [Fact]
    public async Task A_device_that_does_not_answer_a_read_in_time_is_left_alone_and_the_source_is_asked()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        await setup.FillAsync(Key(2));
        setup.Files.HasNoMemory = true;
        using var held = new HeldCalls(setup, FileCall.Read);
        Task<List<CacheOrigin>> reader = setup.ReadAllAsync(Key(1));
        while (setup.DeviceFailures.IsEmpty)
        {
            setup.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await reader;

        // The next one does not even try.
        await setup.ReadAllAsync(Key(2));
        Assert.IsType<TimeoutException>(Assert.Single(setup.DeviceFailures).Failure);
        Assert.Equal(4, setup.Source.Opened.Count);
        held.LetGo();
        setup.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.True(await setup.IsHitAsync(Key(1)));
        Assert.True(await setup.IsHitAsync(Key(2)));
        Assert.Empty(setup.StoredDamage);
    }

    [Fact]
    public async Task The_slot_of_a_frame_that_the_device_still_reads_is_not_given_to_another()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        setup.Files.HasNoMemory = true;

        // Only this read: others may find what they have just fetched on the device, and would wait for it.
        using var held = new HeldCalls(setup, FileCall.Read, most: 1);
        using var leaving = new CancellationTokenSource();
        Task<CacheRead> reader = setup.ReadAsync(Key(1), ct: leaving.Token);
        await held.ReachedAsync();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        for (int i = 10; i < 60; i++)
        {
            await setup.FillAsync(Key(i));
        }

        Assert.True(setup.Cache.Contains(Key(1)));
        held.LetGo();
    }

    [Fact]
    public async Task Readers_never_wait_for_writes_and_what_waits_to_be_written_is_bounded()
    {
        await using CacheSetup setup = await OpenAsync(static options => options with { FetchMemory = 8L << 20 });
        using var held = new HeldCalls(setup, FileCall.Write);
        for (int i = 0; i < 30; i++)
        {
            await setup.ReadAllAsync(Key(i));
        }

        Assert.InRange(setup.Statistics.FetchMemoryUsed, 0, 8L << 20);
        Assert.InRange(setup.Statistics.Unwritten, 20, 30);
        held.LetGo();
        await setup.Cache.SettleAsync();
        Assert.Equal(30, setup.Statistics.Unwritten + setup.Statistics.Fills);
        Assert.InRange(setup.Statistics.Fills, 1, 6);
    }

    [Fact]
    public async Task A_slab_that_cannot_be_opened_means_misses()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        Fail(setup, FileCall.Open);
        await setup.ReopenAsync();
        Assert.Equal((0, 1), (setup.Statistics.Frames, setup.Statistics.DeviceErrors));
        setup.Files.Before = null;

        // What it has cannot be cleared either.
        await Assert.ThrowsAsync<IOException>(async () => await setup.Cache.ClearAsync(1, CancellationToken.None));
        await setup.FillAsync(Key(2));
        await setup.ReopenAsync();
        Assert.Equal(2, setup.Statistics.Frames);
        await setup.Cache.ClearAsync(1, CancellationToken.None);
        await setup.ReopenAsync();
        Assert.Equal(0, setup.Statistics.Frames);
    }

    [Fact]
    public async Task Clearing_on_a_device_that_fails_says_so_and_the_frames_are_gone_until_the_next_start()
    {
        await using CacheSetup setup = await OpenAsync();
        await setup.FillAsync(Key(1));
        Fail(setup, FileCall.Write);
        await Assert.ThrowsAsync<IOException>(async () => await setup.Cache.ClearAsync(1, CancellationToken.None));
        await Assert.ThrowsAsync<IOException>(async () => await setup.Cache.ClearAsync(null, CancellationToken.None));
        Assert.False(setup.Cache.Contains(Key(1)));
        setup.Files.Before = null;
        await setup.Cache.ClearAsync(1, CancellationToken.None);
        await setup.ReopenAsync();
        Assert.Equal(0, setup.Statistics.Frames);
    }

    private static void Fail(CacheSetup setup, FileCall failing) => setup.Files.Before = (call, _, _) =>
    {
        if (call == failing)
        {
            throw new IOException("The device failed.");
        }
    };
}

using Tarn.Core.Cache;
using static Tarn.Tests.Cache.CacheSetup;

namespace Tarn.Tests.Cache;

/// <summary>A process that is killed between or in the middle of two writes leaves a cache that gives nothing wrong.</summary>
public sealed class CacheKillTests
{
    [Fact]
    public async Task Frames_are_whole_or_not_there_after_a_kill_at_any_write_into_free_slots()
    {
        // A new slab is a header, each frame its bytes and its header.
        FrameKey[] keys = [Key(1), Key(2), Key(3, 0, 70_000)];
        int steps = (2 * keys.Length) + 2;
        for (int kill = 0; kill <= steps; kill++)
        {
            await using CacheSetup setup = await OpenAsync();
            setup.Files.WritesLeft = kill;
            foreach (FrameKey key in keys)
            {
                await WriteAsync(setup, key);
            }

            Assert.Equal(steps, setup.Files.Writes);
            await ReopenAsync(setup);
            Assert.Equal(kill switch { < 3 => 0, < 5 => 1, < 8 => 2, _ => 3 }, setup.Statistics.Frames);
            foreach (FrameKey key in keys)
            {
                await setup.FillAsync(key);
                Assert.True(await setup.IsHitAsync(key));
            }

            // A frame that was found is one whose bytes are there: the header comes last.
            Assert.Empty(setup.StoredDamage);
        }
    }

    [Fact]
    public async Task A_kill_while_slots_are_used_again_leaves_nothing_wrong()
    {
        for (int kill = 0; kill <= 24; kill++)
        {
            await using CacheSetup setup = await OpenAsync();

            // The device has two slots of the size, so that frames follow each other in them.
            await setup.FillAsync(Key(0));
            setup.Files.Before = static (call, _, _) =>
            {
                if (call == FileCall.Create)
                {
                    throw new IOException("full");
                }
            };
            setup.Files.WritesLeft = kill;
            for (int i = 1; i < 8; i++)
            {
                await WriteAsync(setup, Key(i));

                // Frames of another size take over the slab, and give it back.
                await WriteAsync(setup, Key(100 + i, 0, 100_000));
            }

            await ReopenAsync(setup);
            for (int i = 0; i < 8; i++)
            {
                await setup.FillAsync(Key(i));
                Assert.True(await setup.IsHitAsync(Key(i)));
                await setup.FillAsync(Key(100 + i, 0, 100_000));
            }
        }
    }

    /// <summary>Writes a frame and reads nothing: a process that was killed does not.</summary>
    private static async Task WriteAsync(CacheSetup setup, FrameKey key)
    {
        Assert.NotEqual(PrefetchResult.NoRoom, setup.Cache.Prefetch(key, 1, setup.Source));
        await setup.Cache.SettleAsync();
    }

    /// <summary>The killed process' files are closed, and it has written nothing since.</summary>
    private static async Task ReopenAsync(CacheSetup setup)
    {
        await setup.CloseAsync();
        setup.Files = new TestFiles();
        await setup.ReopenAsync();
    }
}

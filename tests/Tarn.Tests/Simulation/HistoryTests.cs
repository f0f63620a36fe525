using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Simulation;

/// <summary>Random histories against the model, undisturbed and with the process dying at every change it makes.</summary>
public sealed class HistoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_history_shows_what_the_model_shows_and_leaks_nothing(int group)
    {
        for (int seed = group * 1000; seed < (group * 1000) + 75; seed++)
        {
            var fixture = new StoreFixture(seed);
            var history = new History(fixture, seed);
            for (int step = 0; step < 60; step++)
            {
                await history.StepAsync();
                string shown = await history.RenderAsync();
                Assert.True(history.Model.Render() == shown, $"Seed {seed}, step {step}, {history.Operation}:\n{history.Model.Render()}\n---\n{shown}");
            }

            await LeakCheck.AssertAsync(fixture.KeyValue, fixture.Blobs, drained: false);
            await fixture.AssertNothingLeaksAsync();
            Assert.Equal(history.Model.Render(), await history.RenderAsync());
        }
    }

    [Theory]
    [InlineData(CrashSide.Before)]
    [InlineData(CrashSide.After)]
    public async Task A_crash_at_any_change_keeps_what_was_acknowledged_and_leaks_nothing(CrashSide side)
    {
        for (int seed = 1; seed <= 6; seed++)
        {
            int n = 1;
            while (await CrashAsync(seed, n, side))
            {
                n++;
            }

            Assert.True(n > 20, "The history makes too few changes to mean anything.");
        }
    }

    /// <summary>False when the history ends before its nth change.</summary>
    private static async Task<bool> CrashAsync(int seed, int nth, CrashSide side)
    {
        var fixture = new StoreFixture(seed);
        var crash = new CrashPoint(nth, side);
        fixture.Store = fixture.Open(new CrashingKeyValueStore(fixture.KeyValue, crash), new CrashingBlobStore(fixture.Blobs, crash));
        var history = new History(fixture, seed);
        bool crashed = false;
        for (int step = 0; step < 40 && !crashed; step++)
        {
            try
            {
                await history.StepAsync();
            }
            catch (InjectedCrashException)
            {
                crashed = true;
            }
        }

        // The mark of an interrupted DeleteBucket expires.
        fixture.Clock.Advance(TimeSpan.FromSeconds(31));
        fixture.Store = fixture.Open(fixture.KeyValue, fixture.Blobs);
        await fixture.Store.Reclaim.RecoverAsync(fixture.Clock.GetUtcNow(), failed: null, StoreFixture.Token);
        string shown = await history.RenderAsync();
        Assert.True(
            shown == history.Model.Render() || (crashed && shown == history.Next.Render()),
            $"Seed {seed}, change {nth}, {history.Operation}:\n{history.Model.Render()}\n---\n{shown}");
        await fixture.Store.Reclaim.RunOnceAsync(failed: null, StoreFixture.Token);
        await LeakCheck.AssertAsync(fixture.KeyValue, fixture.Blobs, drained: false);
        await fixture.AssertNothingLeaksAsync();
        Assert.Equal(shown, await history.RenderAsync());
        return crashed;
    }
}

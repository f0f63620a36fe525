using Microsoft.Extensions.Time.Testing;
using Tarn.Backends.Files;
using Tarn.Server.Storage;

namespace Tarn.Tests.Server;

/// <summary>Measuring file systems of which one hangs.</summary>
public sealed class SpaceProbeTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_system_that_hangs_keeps_one_thread_and_no_other_from_being_measured_until_it_answers()
    {
        using var hangs = new ManualResetEventSlim();
        int asked = 0;
        var probe = new SpaceProbe(Measure, _time);
        try
        {
            for (int i = 0; i < 3; i++)
            {
                Task<FileSystemSpace> measuring = probe.MeasureAsync("hanging", Token);
                Assert.Equal(7, (await probe.MeasureAsync("well", Token)).FreeBytes);
                Assert.False(measuring.IsCompleted);
                _time.Advance(TimeSpan.FromSeconds(3));
                Assert.Equal("does not answer within 3 seconds", (await Assert.ThrowsAsync<IOException>(() => measuring)).Message);
            }
        }
        finally
        {
            hangs.Set();
        }

        Assert.Equal(7, (await probe.MeasureAsync("hanging", Token)).FreeBytes);
        Assert.InRange(asked, 1, 2);

        FileSystemSpace Measure(string path)
        {
            if (path == "hanging")
            {
                Interlocked.Increment(ref asked);
                hangs.Wait(Token);
            }

            return new FileSystemSpace(7, 0, 0, 0);
        }
    }

    [Fact]
    public async Task Why_a_file_system_cannot_be_measured_is_said_each_time()
    {
        int asked = 0;
        var probe = new SpaceProbe(_ => throw new IOException($"failure {++asked}"), _time);
        Assert.Equal("failure 1", (await Assert.ThrowsAsync<IOException>(() => probe.MeasureAsync("x", Token))).Message);
        Assert.Equal("failure 2", (await Assert.ThrowsAsync<IOException>(() => probe.MeasureAsync("x", Token))).Message);
    }
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tarn.Server.Hosting;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Server;

public sealed class ServiceWatchdogTests
{
    [Theory]
    [InlineData("60000000", null, 60)]
    [InlineData("60000000", "42", 60)]
    [InlineData("7200000000", "42", 7200)]
    [InlineData("60000000", "43", null)]
    [InlineData(null, null, null)]
    [InlineData("", "42", null)]
    [InlineData("0", null, null)]
    [InlineData("-1", null, null)]
    [InlineData("1m", null, null)]
    [InlineData("18446744073709551615", null, null)]
    [InlineData("9223372036854775807", null, null)]
    public void The_limit_is_that_of_this_process(string? microseconds, string? watched, int? seconds) =>
        Assert.Equal(seconds is { } some ? TimeSpan.FromSeconds(some) : null, ServiceWatchdog.LimitOf(microseconds, watched, 42));

    [Fact]
    public async Task It_beats_twice_within_the_limit_until_it_is_disposed()
    {
        var time = new FakeTimeProvider();
        var manager = new Told();
        using var log = new KeptLog(typeof(ServiceWatchdog).FullName!);
        using (ServiceWatchdog watchdog = Watchdog(TimeSpan.FromSeconds(60), manager, time, log))
        {
            await watchdog.StartAsync(CancellationToken.None);
            time.Advance(TimeSpan.FromSeconds(29));
            Assert.Empty(manager.States);
            time.Advance(TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromSeconds(30));
            Assert.Equal(["WATCHDOG=1", "WATCHDOG=1"], manager.States);
            await watchdog.StopAsync(CancellationToken.None);
            time.Advance(TimeSpan.FromSeconds(30));
            Assert.Equal(3, manager.States.Count);
        }

        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(3, manager.States.Count);
    }

    [Fact]
    public async Task A_manager_that_cannot_be_reached_is_logged_and_tried_again()
    {
        var time = new FakeTimeProvider();
        var manager = new Told { Unreachable = true };
        using var log = new KeptLog(typeof(ServiceWatchdog).FullName!);
        using ServiceWatchdog watchdog = Watchdog(TimeSpan.FromSeconds(60), manager, time, log);
        await watchdog.StartAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("The service manager could not be notified that the server is alive, and may end it", Assert.Single(log.Lines));
        manager.Unreachable = false;
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(["WATCHDOG=1"], manager.States);
    }

    [Fact]
    public async Task A_limit_beyond_what_a_timer_can_have_does_not_fail_the_start()
    {
        var time = new FakeTimeProvider();
        var manager = new Told();
        using var log = new KeptLog(typeof(ServiceWatchdog).FullName!);
        using ServiceWatchdog watchdog = Watchdog(ServiceWatchdog.LimitOf("922337203685477580", null, 1), manager, TimeProvider.System, log);
        await watchdog.StartAsync(CancellationToken.None);
        using ServiceWatchdog none = Watchdog(null, manager, time, log);
        await none.StartAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromDays(2));
        Assert.Empty(manager.States);
    }

    private static ServiceWatchdog Watchdog(TimeSpan? limit, Told manager, TimeProvider time, KeptLog log) =>
        new(limit, manager, time, new Logger<ServiceWatchdog>(log));
}

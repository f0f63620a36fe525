using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>
/// Notifies a service manager with a watchdog that the server is alive (sd_watchdog_enabled(3)), from before it is ready until it has drained. Beats come
/// from the thread pool that serves requests: a process in which nothing is scheduled any more misses them, and is ended by the manager.
/// </summary>
/// <param name="limit">The time without a beat after which the manager ends the process; null: it has no watchdog.</param>
/// <param name="notifier">Sends the beats.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Its log.</param>
internal sealed partial class ServiceWatchdog(TimeSpan? limit, ISystemdNotifier notifier, TimeProvider time, ILogger<ServiceWatchdog> logger) : IHostedService, IDisposable
{
    /// <summary>The longest time between two beats: timers have a maximum, limits of managers do not.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly ServiceState Beat = new("WATCHDOG=1");

    private readonly TimeSpan _interval = limit is { } most && most / 2 < Longest ? most / 2 : Longest;
    private ITimer? _beats;

    /// <summary>The limit that the manager passed to the process with this id; null where it has no watchdog, or one for another process.</summary>
    /// <param name="microseconds">The value of <c>WATCHDOG_USEC</c>.</param>
    /// <param name="watched">The value of <c>WATCHDOG_PID</c>; null: any process.</param>
    /// <param name="processId">The id of the process.</param>
    public static TimeSpan? LimitOf(string? microseconds, string? watched, int processId) =>
        (watched is null || watched == processId.ToString(CultureInfo.InvariantCulture))
        && long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) && limit is > 0 and <= long.MaxValue / TimeSpan.TicksPerMicrosecond
            ? new TimeSpan(limit * TimeSpan.TicksPerMicrosecond)
            : null;

    /// <summary>Beats twice within the limit, as sd_watchdog_enabled(3) recommends.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (limit is not null)
        {
            _beats = time.CreateTimer(_ => Notify(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Schedule();
        }

        return Task.CompletedTask;
    }

    /// <summary>The beats go on while requests drain: a manager may watch until the process is gone.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _beats?.Dispose();

    private void Notify()
    {
        try
        {
            notifier.Notify(Beat);
        }
        catch (SocketException e)
        {
            LogNotSent(logger, e);
        }

        Schedule();
    }

    // One beat at a time: a manager that does not read its socket blocks one thread, not one more with each beat.
    private void Schedule() => _beats!.Change(_interval, Timeout.InfiniteTimeSpan);

    [LoggerMessage(EventIds.WatchdogNotNotified, LogLevel.Warning, "The service manager could not be notified that the server is alive, and may end it")]
    private static partial void LogNotSent(ILogger logger, Exception exception);
}

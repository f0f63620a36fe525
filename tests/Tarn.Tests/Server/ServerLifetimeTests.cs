using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Server.Hosting;

namespace Tarn.Tests.Server;

public sealed class ServerLifetimeTests
{
    [Fact]
    public void The_listeners_close_only_after_the_delay_in_which_it_is_not_ready()
    {
        var application = new Application();
        var time = new OneTimer();
        var told = new Told();
        using var lifetime = new ServerLifetime(application, TimeSpan.FromSeconds(5), time, _ => Assert.Fail("exit"), told, NullLogger<ServerLifetime>.Instance);
        Assert.False(lifetime.IsStopping);
        lifetime.Receive(PosixSignal.SIGTERM);
        Assert.True(lifetime.IsStopping);
        Assert.False(application.IsStopped);
        Assert.Equal(TimeSpan.FromSeconds(5), time.Due);
        Assert.Equal(["STOPPING=1"], told.States);
        time.Fire!();
        Assert.True(application.IsStopped);
    }

    [Fact]
    public void Without_a_delay_they_close_at_once()
    {
        var application = new Application();
        using var lifetime = new ServerLifetime(application, TimeSpan.Zero, TimeProvider.System, _ => Assert.Fail("exit"), new Told(), NullLogger<ServerLifetime>.Instance);
        lifetime.Receive(PosixSignal.SIGINT);
        Assert.True(application.IsStopped);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM, PosixSignal.SIGTERM, 143)]
    [InlineData(PosixSignal.SIGTERM, PosixSignal.SIGINT, 130)]
    [InlineData(PosixSignal.SIGINT, PosixSignal.SIGQUIT, 131)]
    public void A_second_signal_ends_it_at_once(PosixSignal first, PosixSignal second, int code)
    {
        var codes = new List<int>();
        using var lifetime = new ServerLifetime(new Application(), TimeSpan.FromHours(1), new OneTimer(), codes.Add, new Told(), NullLogger<ServerLifetime>.Instance);
        lifetime.Receive(first);
        Assert.Empty(codes);
        lifetime.Receive(second);
        Assert.Equal([code], codes);
    }

    private sealed class Application : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public bool IsStopped => _stopping.IsCancellationRequested;

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }

    private sealed class Told : ISystemdNotifier
    {
        public List<string> States { get; } = [];

        public bool IsEnabled => true;

        public void Notify(ServiceState state) => States.Add(state.ToString());
    }

    private sealed class OneTimer : TimeProvider
    {
        public Action? Fire { get; private set; }

        public TimeSpan Due { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (Fire, Due) = (() => callback(state), dueTime);
            return new Timer(_ => { }, null, Timeout.Infinite, Timeout.Infinite);
        }
    }
}

using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Server.Hosting;

namespace Tarn.Tests.Server;

public sealed class ServerLifetimeTests
{
    [Fact]
    public void The_listeners_close_only_after_the_delay_in_which_it_is_not_ready()
    {
        using var signals = new StopSignals(_ => Assert.Fail("exit"), NullLogger<StopSignals>.Instance);
        using var application = new Application();
        var time = new OneTimer();
        var told = new Told();
        using var lifetime = new ServerLifetime(application, TimeSpan.FromSeconds(5), time, signals, told, NullLogger<ServerLifetime>.Instance);
        lifetime.WaitForStartAsync(CancellationToken.None);
        application.Start();
        Assert.False(lifetime.IsStopping);
        signals.Receive(PosixSignal.SIGTERM);
        Assert.True(lifetime.IsStopping);
        Assert.False(application.IsStopped);
        Assert.Equal(TimeSpan.FromSeconds(5), time.Due);
        Assert.Equal(["READY=1", "STOPPING=1"], told.States);
        time.Fire!();
        Assert.True(application.IsStopped);
    }

    [Fact]
    public void Without_a_delay_they_close_at_once()
    {
        using var signals = new StopSignals(_ => Assert.Fail("exit"), NullLogger<StopSignals>.Instance);
        using var application = new Application();
        using var lifetime = new ServerLifetime(application, TimeSpan.Zero, TimeProvider.System, signals, new Told(), NullLogger<ServerLifetime>.Instance);
        lifetime.WaitForStartAsync(CancellationToken.None);
        application.Start();
        signals.Receive(PosixSignal.SIGINT);
        Assert.True(application.IsStopped);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM, PosixSignal.SIGTERM, 143)]
    [InlineData(PosixSignal.SIGTERM, PosixSignal.SIGINT, 130)]
    [InlineData(PosixSignal.SIGINT, PosixSignal.SIGQUIT, 131)]
    public void A_second_signal_ends_it_at_once(PosixSignal first, PosixSignal second, int code)
    {
        var codes = new List<int>();
        using var signals = new StopSignals(codes.Add, NullLogger<StopSignals>.Instance);
        signals.Receive(first);
        Assert.Empty(codes);
        signals.Receive(second);
        Assert.Equal([code], codes);
    }

    [Fact]
    public void A_signal_that_is_handled_while_the_process_ends_does_not_fail()
    {
        var codes = new List<int>();
        var signals = new StopSignals(codes.Add, NullLogger<StopSignals>.Instance);
        signals.Dispose();
        signals.Receive(PosixSignal.SIGTERM);
        Assert.True(signals.Received.IsCancellationRequested);
        signals.Receive(PosixSignal.SIGTERM);
        Assert.Equal([143], codes);
    }

    [Fact]
    public async Task A_signal_during_the_start_of_the_host_stops_it_once_it_has_started()
    {
        using var signals = new StopSignals(_ => Assert.Fail("exit"), NullLogger<StopSignals>.Instance);
        await using TarnHost host = await TestHost.StartAsync(
            Bound.From(TestHost.FreePorts),
            static _ => Task.CompletedTask,
            services: services => services.AddSingleton(signals).AddSingleton<IHostedService>(new Starting(() => signals.Receive(PosixSignal.SIGTERM))));
        await host.WaitForShutdownAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Starting(Action act) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            act();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Application : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _started = new();
        private readonly CancellationTokenSource _stopping = new();

        public bool IsStopped => _stopping.IsCancellationRequested;

        public CancellationToken ApplicationStarted => _started.Token;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void Start() => _started.Cancel();

        public void StopApplication() => _stopping.Cancel();

        public void Dispose()
        {
            _started.Dispose();
            _stopping.Dispose();
        }
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

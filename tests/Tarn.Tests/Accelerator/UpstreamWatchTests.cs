using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Forwarding;
using Tarn.Server.Accelerator.Reading;
using Tarn.Server.Accelerator.Upstream;
using Tarn.Server.Telemetry;
using Tarn.Tests.Mirroring;

namespace Tarn.Tests.Accelerator;

/// <summary>What is said of an upstream that fails: what an operator has to know, and no more lines than that.</summary>
public sealed class UpstreamWatchTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly EventLog _log = new();
    private readonly UpstreamWatch _watch;

    public UpstreamWatchTests() => _watch = new UpstreamWatch(_time, new Logger<UpstreamWatch>(_log));

    public void Dispose() => _log.Dispose();

    private int[] Said => [.. _log.Events.Select(static said => said.Id)];

    [Fact]
    public void An_upstream_that_fails_and_recovers_is_two_lines_however_many_requests_there_were()
    {
        for (int i = 0; i < 100; i++)
        {
            _watch.Failed(new UpstreamException("It is gone."));
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        _watch.Succeeded();
        _watch.Succeeded();
        Assert.Equal([EventIds.UpstreamFailed, EventIds.UpstreamRecovered], Said);
        Assert.Contains("It is gone.", _log.Events.First().Text, StringComparison.Ordinal);
        Assert.Contains("100 requests", _log.Events.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_stays_away_is_said_again_from_time_to_time()
    {
        for (int i = 0; i < 100; i++)
        {
            _watch.Failed(new OperationCanceledException());
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(4, Said.Length);
        Assert.All(Said, static id => Assert.Equal(EventIds.UpstreamFailed, id));
    }

    [Fact]
    public void One_that_fails_every_other_request_is_no_flood()
    {
        for (int i = 0; i < 1000; i++)
        {
            _watch.Failed(new UpstreamException("It is gone."));
            Assert.True(_watch.IsFailing);
            _watch.Succeeded();
            Assert.False(_watch.IsFailing);
            _time.Advance(TimeSpan.FromMilliseconds(30));
        }

        Assert.Equal([EventIds.UpstreamFailed, EventIds.UpstreamRecovered], Said);
        _time.Advance(LogPace.Pause);
        _watch.Failed(new UpstreamException("It is gone."));
        _watch.Succeeded();
        Assert.Equal(4, Said.Length);
        Assert.Contains("1000 requests", _log.Events.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_the_clients_or_the_requests_own_is_no_failure_of_the_upstream()
    {
        _watch.Failed(new NodeRefusedException(404, "NoSuchBlock"));
        _watch.Failed(new NodeRefusedException(403, "AccessDenied"));
        _watch.Failed(new FrameDamagedException());
        _watch.Failed(new FrameUnavailableException());
        Assert.False(_watch.IsFailing);
        Assert.Empty(Said);
        _watch.Failed(new NodeRefusedException(503, "SlowDown"));
        Assert.True(_watch.IsFailing);
    }

    [Fact]
    public void A_refused_accelerator_is_said_as_what_it_is_and_now_and_then()
    {
        for (int i = 0; i < 100; i++)
        {
            _watch.Failed(i % 2 == 0 ? new EnvelopeRefusedException() : new NodeRefusedException(401, "AcceleratorRefused"));
            _watch.Succeeded();
            Assert.False(_watch.IsFailing);
        }

        Assert.Equal([EventIds.UpstreamRefused], Said);
        _time.Advance(LogPace.Pause);
        _watch.Failed(new EnvelopeRefusedException());
        Assert.Contains("100", _log.Events.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_that_cannot_be_had_are_warned_of_now_and_then_unless_they_are_gone()
    {
        var failures = new BlockFailures(_time, new Logger<BlockFailures>(_log));
        failures.Failed(new FrameUnavailableException("Gone.", new NodeRefusedException(404, "NoSuchBlock")), isForwarded: true);
        Assert.Empty(Said);
        for (int i = 0; i < 50; i++)
        {
            failures.Failed(new FrameDamagedException("These are damaged."), isForwarded: true);
        }

        Assert.Equal([EventIds.BlocksFailed], Said);
        Assert.Contains("forwarded: These are damaged.", _log.Events.Single().Text, StringComparison.Ordinal);
        _time.Advance(LogPace.Pause);
        failures.Failed(new FrameUnavailableException("Gone.", new NodeRefusedException(404, "NoSuchBlock")), isForwarded: false);
        Assert.Contains("cut: Gone.", _log.Events.Last().Text, StringComparison.Ordinal);
    }
}

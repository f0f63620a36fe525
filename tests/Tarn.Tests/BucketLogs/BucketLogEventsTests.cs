using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Buckets;
using Tarn.Core.Logging;
using Tarn.Server.Storage;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.BucketLogs;

/// <summary>What the server's log says about the logs of buckets, and how often.</summary>
public sealed class BucketLogEventsTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly KeptLog _log = new(typeof(BucketLogEvents).FullName!);
    private readonly BucketLogEvents _events;

    public BucketLogEventsTests() => _events = new BucketLogEvents(_clock, new Logger<BucketLogEvents>(_log));

    public void Dispose() => _log.Dispose();

    [Fact]
    public void The_trouble_of_an_owner_is_reported_every_ten_minutes_with_its_number_whatever_its_buckets()
    {
        for (int i = 0; i < 100; i++)
        {
            _events.Dropped(Of("a", $"source{i}"), LogLoss.Target, "the target bucket does not exist", 2);
        }

        _events.Dropped(Of("b", "other"), LogLoss.Expired, "broken", 1);
        Assert.Equal(
            [
                "2 lines of the logs of buckets of a were not delivered, the last those of source0 to target: the target bucket does not exist",
                "1 lines of the logs of buckets of b were not delivered, the last those of other to target: they could not be delivered for too long: broken",
            ],
            _log.Lines);
        _clock.Advance(TimeSpan.FromMinutes(10));
        _events.Dropped(Of("a", "last"), LogLoss.Target, "the target bucket does not exist", 2);
        Assert.StartsWith("200 lines ", _log.Lines.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void Many_troubles_push_out_only_what_was_reported_longest_ago()
    {
        _events.Failed(Of("old", "s"), new IOException("broken"), isExpected: true);
        _clock.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 1000; i++)
        {
            _events.Failed(Of($"owner{i}", "s"), new IOException("broken"), isExpected: true);
        }

        Assert.Equal(1001, _log.Lines.Count);
        _events.Failed(Of("owner999", "s"), new IOException("broken"), isExpected: true);
        Assert.Equal(1001, _log.Lines.Count);
        _events.Failed(Of("old", "s"), new IOException("broken"), isExpected: true);
        Assert.Equal(1002, _log.Lines.Count);
    }

    [Fact]
    public void Each_trouble_has_its_words()
    {
        _events.Lost(LogLoss.Queue, 1, null);
        _events.Lost(LogLoss.Spool, 1, null);
        _clock.Advance(TimeSpan.FromMinutes(10));
        _events.Lost(LogLoss.Spool, 1, new IOException("full"));
        _events.Failed(Of("a", "s"), new InvalidOperationException("bug"), isExpected: false);
        _events.SettingFailed(new IOException("metadata"));
        _events.SpoolFailed(new IOException("spool"));
        _events.Missing("file", 7);
        _events.Torn("file", 3);
        string[] said = [.. _log.Lines];
        Assert.Equal(8, said.Distinct().Count());
        Assert.Contains("not written to the data directory fast enough", said[0], StringComparison.Ordinal);
        Assert.Contains("--bucket-log-spool", said[1], StringComparison.Ordinal);
        Assert.Contains("could not be written", said[2], StringComparison.Ordinal);
        Assert.Contains("a defect", said[3], StringComparison.Ordinal);
        Assert.Contains("where lines of the logs of buckets go", said[4], StringComparison.Ordinal);
        Assert.Contains("3 bytes of file", said[7], StringComparison.Ordinal);
    }

    private static LogDestination Of(string owner, string source) => new(1, source, owner, owner, "r", new BucketLogging("target", ""));
}

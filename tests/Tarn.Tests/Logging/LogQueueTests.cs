using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;
using Tarn.Server.Logging;

namespace Tarn.Tests.Logging;

public sealed class LogQueueTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public void Nobody_waits_for_a_stuck_sink_and_one_line_says_what_was_dropped()
    {
        var sink = new Sink();
        using var dropped = new Dropped();
        using var queue = new LogQueue(sink.Write, TimeProvider.System);
        queue.Add("first");
        sink.Entered.Wait();
        string line = new('x', LogQueue.MaxWaiting / 4);
        for (int i = 0; i < 10; i++)
        {
            queue.Add(line);
        }

        Assert.Equal(6, dropped.Count);
        sink.Open.Set();
        Assert.True(queue.Flush(Long));
        string[] lines = sink.Lines;
        Assert.Equal("first", lines[0]);
        Assert.Equal([line, line, line, line], lines[1..5]);
        Assert.EndsWith("6 lines were dropped here: the log was not read, or could not be written, in time", Assert.Single(lines[5..]), StringComparison.Ordinal);
        queue.Add("after");
        Assert.True(queue.Flush(Long));
        Assert.Equal("after", sink.Lines[^1]);
    }

    [Fact]
    public void What_a_sink_refuses_is_counted_and_said_once_it_takes_lines_again()
    {
        var sink = new Sink { Fails = true };
        sink.Open.Set();
        using var dropped = new Dropped();
        using var queue = new LogQueue(sink.Write, TimeProvider.System);
        for (int i = 0; i < 3; i++)
        {
            queue.Add("lost");
            Assert.True(queue.Flush(Long));
        }

        Assert.Equal(3, dropped.Count);
        sink.Fails = false;
        queue.Add("kept");
        Assert.True(queue.Flush(Long));
        Assert.Equal("kept", sink.Lines[0]);
        Assert.Contains("3 lines were dropped here", sink.Lines[1], StringComparison.Ordinal);
        Assert.Equal(3, dropped.Count);
    }

    [Fact]
    public void A_stuck_sink_does_not_keep_the_process()
    {
        var sink = new Sink();
        var queue = new LogQueue(sink.Write, TimeProvider.System);
        queue.Add("first");
        sink.Entered.Wait();
        Assert.False(queue.Flush(TimeSpan.Zero));
        queue.Dispose();
        queue.Add("after the end");
        sink.Open.Set();
    }

    [Fact]
    public void What_a_stuck_sink_did_not_take_is_counted_once_however_often_it_is_disposed()
    {
        var sink = new Sink();
        var loss = new Loss();
        var queue = new LogQueue(sink.Write, TimeProvider.System, loss, TimeSpan.Zero);
        queue.Add("being written");
        sink.Entered.Wait();
        queue.Add("waiting");
        queue.Dispose();
        queue.Dispose();
        Assert.Equal(2, loss.Lines);
        sink.Open.Set();
    }

    [Fact]
    public void A_line_stays_one_line()
    {
        DateTimeOffset time = new(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero);
        Assert.Equal(
            "2026-01-02T03:04:05.006Z warn: Cat[7] a b\\u001b[31m\\u0000 é System.IO.IOException: c d",
            LogLine.Format(time, LogLevel.Warning, "Cat", 7, "a\r\nb\u001b[31m\0 é", new IOException("c\nd")));
        Assert.Equal(LogLine.MaxLength + 1, LogLine.Format(time, LogLevel.Error, "Cat", 7, new string('x', 100_000), null).Length);
    }

    private sealed class Sink
    {
        private readonly List<byte> _written = [];

        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim Open { get; } = new();

        public volatile bool Fails;

        public string[] Lines => Encoding.UTF8.GetString(_written.ToArray()).TrimEnd('\n').Split('\n');

        public void Write(ReadOnlySpan<byte> lines)
        {
            Entered.Set();
            Open.Wait();
            if (Fails)
            {
                throw new IOException("full");
            }

            _written.AddRange(lines);
        }
    }

    private sealed class Loss : ILogLoss
    {
        public long Lines { get; private set; }

        public void Lost(long lines) => Lines += lines;

        public string? Notice(long lines) => null;
    }

    private sealed class Dropped : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _count;

        public Dropped()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "tarn.log.dropped")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _count, value));
            _listener.Start();
        }

        public long Count => Interlocked.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}

using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;
using Tarn.Server.Connections;

namespace Tarn.Tests.Connections;

/// <summary>Which connections are closed to make room for others.</summary>
public sealed class ConnectionGateTests : IDisposable
{
    private static readonly TimeSpan Later = ConnectionGate.OpeningTime * 2;

    private readonly FakeTimeProvider _time = new();
    private readonly ConnectionGate _gate;
    private readonly Pipe _received = new();
    private readonly Inner _inner;
    private readonly TrackedConnection _connection;

    public ConnectionGateTests()
    {
        _gate = new ConnectionGate("test", 1, _time);
        _inner = new Inner(_received.Reader);
        _connection = new TrackedConnection(_inner, _gate, _time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _gate.Dispose();

    [Fact]
    public void A_connection_that_never_sent_anything_is_closed_once_it_is_no_longer_new()
    {
        Assert.False(_connection.TryClose());
        _time.Advance(Later);
        Assert.True(_connection.TryClose());
        Assert.True(_inner.IsAborted);
    }

    [Fact]
    public async Task A_connection_is_not_closed_before_what_it_sent_was_looked_at()
    {
        await _received.Writer.WriteAsync("GET / HTTP/1.1\r\n"u8.ToArray(), Token);
        for (int i = 0; i < 3; i++)
        {
            _time.Advance(Later);
            Assert.False(_connection.TryClose());
        }

        // The server looks at it, and waits for the rest of the headers: another second, and no longer.
        ReadResult read = await _received.Reader.ReadAsync(Token);
        Assert.False(_connection.TryClose());
        _received.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        Assert.False(_connection.TryClose());
        _time.Advance(Later);
        Assert.True(_connection.TryClose());
        Assert.True(_inner.IsAborted);
    }

    [Fact]
    public void A_connection_is_new_once_more_when_its_handshake_has_ended()
    {
        _time.Advance(Later);
        _connection.EndHandshake();
        Assert.False(_connection.TryClose());
        _time.Advance(Later);
        Assert.True(_connection.TryClose());
        Assert.True(_inner.IsAborted);
    }

    [Fact]
    public async Task A_connection_between_two_requests_is_not_closed_when_the_next_one_has_come()
    {
        _connection.BeginRequest();
        _connection.EndRequest();
        await _received.Writer.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Token);
        _time.Advance(Later);
        Assert.False(_connection.TryClose());
        ReadResult read = await _received.Reader.ReadAsync(Token);
        _received.Reader.AdvanceTo(read.Buffer.End);
        Assert.True(_connection.TryClose());
    }

    private sealed class Inner(PipeReader input) : DefaultConnectionContext("test", new Duplex(input), new Duplex(input))
    {
        public bool IsAborted { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;
    }

    private sealed class Duplex(PipeReader input) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output { get; } = new Pipe().Writer;
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;
using Tarn.Server.Connections;

namespace Tarn.Tests.Connections;

/// <summary>What is written to a connection, from memory and from files, arrives byte for byte, whatever the client's pace; or the connection ends.</summary>
public sealed class SocketOutputTests : IAsyncDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _inner = new();
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _content = new byte[3 << 20];
    private Socket _server = null!;
    private Socket _client = null!;
    private SafeFileHandle _file = null!;
    private SocketOutput _output = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _server?.Dispose();
        _client?.Dispose();
        _file?.Dispose();
        File.Delete(_path);
        await _inner.Reader.CompleteAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Any_mixture_of_memory_and_file_arrives_as_written(int seed)
    {
        await ConnectAsync();
        var random = new Random(seed);
        using var written = new MemoryStream();
        Task<byte[]> reading = ReadAllAsync(new Random(seed + 100));
        for (int step = 0; step < 60; step++)
        {
            long before = written.Length;
            for (int piece = random.Next(4); piece > 0; piece--)
            {
                if (random.Next(3) == 0)
                {
                    WriteFile(random, written);
                }
                else
                {
                    WriteMemory(random, written);
                }
            }

            Assert.Equal(written.Length - before, _output.UnflushedBytes);
            FlushResult flushed = await _output.FlushAsync(Token);
            Assert.False(flushed.IsCompleted);
            Assert.Equal(0, _output.UnflushedBytes);
        }

        await _output.CompleteAsync();
        _server.Shutdown(SocketShutdown.Send);
        byte[] arrived = await reading;
        Assert.True(written.ToArray().AsSpan().SequenceEqual(arrived), $"{arrived.Length} of {written.Length} bytes arrived, or others.");
    }

    [Fact]
    public async Task Completing_sends_what_was_not_flushed_and_completes_the_output_that_was_there()
    {
        await ConnectAsync();
        _output.Write("HTTP/1.1 200 OK"u8);
        await _output.CompleteAsync();
        Assert.True((await _inner.Reader.ReadAsync(Token)).IsCompleted);
        byte[] buffer = new byte[100];
        Assert.Equal(15, await _client.ReceiveAsync(buffer, SocketFlags.None, Token));
    }

    [Fact]
    public async Task A_client_that_has_left_ends_the_output()
    {
        await ConnectAsync();
        _client.LingerState = new LingerOption(true, 0);
        _client.Dispose();
        FlushResult flushed;
        do
        {
            _output.Write(_content.AsSpan(0, 100_000));
            flushed = await _output.FlushAsync(Token);
        }
        while (!flushed.IsCompleted);

        await _aborted.Task;
        _output.Write(_content.AsSpan(0, 100));
        Assert.True((await _output.FlushAsync(Token)).IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_takes_nothing_is_cut_off(bool isFile)
    {
        await ConnectAsync();
        ValueTask<FlushResult> flushing;
        do
        {
            if (isFile)
            {
                _output.GetMemory(1);
                _output.Announce(_file, 0);
                _output.Advance(_content.Length);
            }
            else
            {
                _output.Write(_content);
            }

            flushing = _output.FlushAsync(Token);
        }
        while (flushing.IsCompleted);

        Assert.False(_aborted.Task.IsCompleted);
        while (!_aborted.Task.IsCompleted)
        {
            // Until the timer is there and fires: the copy of a file's bytes is read first.
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        Assert.True((await flushing).IsCompleted);
    }

    [Fact]
    public async Task A_file_that_became_shorter_ends_the_connection()
    {
        await ConnectAsync();
        _output.GetMemory(1);
        _output.Announce(_file, _content.Length - 10);
        _output.Advance(20);
        Assert.True((await _output.FlushAsync(Token)).IsCompleted);
        await _aborted.Task;
    }

    [Fact]
    public async Task More_memory_than_a_block_is_given_at_once()
    {
        await ConnectAsync();
        Assert.True(_output.GetMemory(256 * 1024).Length >= 256 * 1024);
        Assert.Throws<InvalidOperationException>(() => _output.Advance(int.MaxValue));
    }

    private void WriteMemory(Random random, MemoryStream written)
    {
        int length = random.Next(3) switch { 0 => random.Next(200), 1 => random.Next(70_000), _ => random.Next(300_000) };
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        written.Write(bytes);
        int at = 0;
        while (at < length)
        {
            int part = Math.Min(length - at, 1 + random.Next(100_000));
            bytes.AsSpan(at, part).CopyTo(_output.GetSpan(part));
            _output.Advance(part);
            at += part;
        }
    }

    private void WriteFile(Random random, MemoryStream written)
    {
        int offset = random.Next(_content.Length), length = random.Next(_content.Length - offset) + 1;
        written.Write(_content, offset, length);
        _output.GetMemory(1);
        _output.Announce(_file, offset);
        _output.Advance(length);
    }

    private async Task<byte[]> ReadAllAsync(Random pace)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[1 << 20];
        while (await _client.ReceiveAsync(buffer.AsMemory(0, pace.Next(buffer.Length) + 1), SocketFlags.None, Token) is > 0 and int count)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    private async Task ConnectAsync()
    {
        new Random(7).NextBytes(_content);
        await File.WriteAllBytesAsync(_path, _content, Token);
        _file = File.OpenHandle(_path, options: FileOptions.Asynchronous);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
        await _client.ConnectAsync(listener.LocalEndPoint!, Token);
        _server = await listener.AcceptAsync(Token);
        _server.SendBufferSize = 8192;
        Assert.True(SocketCalls.TryMakeNonBlocking(_server.SafeHandle));
        _output = new SocketOutput(new Aborted(this), _server, _inner.Writer, MemoryPool<byte>.Shared, _time);
    }

    private sealed class Aborted(SocketOutputTests test) : DefaultConnectionContext
    {
        public override void Abort(ConnectionAbortedException abortReason)
        {
            test._server.Dispose();
            test._aborted.TrySetResult();
        }
    }
}

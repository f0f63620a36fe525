using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Tarn.Server.Accelerator.Upstream;

/// <summary>Sends the body of a client's request to the upstream, as it comes: with its length, or in chunks and with its trailers.</summary>
/// <param name="http">The request.</param>
/// <param name="exchange">The exchange, behind the head.</param>
/// <param name="isChunked">Whether the body goes in chunks.</param>
internal sealed class BodyPump(HttpContext http, UpstreamExchange exchange, bool isChunked) : IDisposable
{
    /// <summary>The most bytes around a chunk's data: its length in hexadecimal digits, and two line ends.</summary>
    private const int MaxChunkFrame = 20;

    private readonly CancellationTokenSource _stop = new();
    private volatile bool _stopped;
    private Task<Exception?>? _running;

    /// <summary>Bytes that were read of the body.</summary>
    public long Read { get; private set; }

    /// <summary>Begins to read the body. Until then, a client that expects 100 Continue is not asked for it.</summary>
    /// <param name="sent">Called once all of it is sent.</param>
    /// <param name="failed">Called if the client's part of it fails: then there is nothing that the upstream could answer.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    public void Start(Action sent, Action failed, CancellationToken cancellationToken) => _running ??= RunAsync(sent, failed, cancellationToken);

    /// <summary>Stops reading, so that nothing is reading the body after this.</summary>
    /// <returns>What is wrong with the client's part of it; null for nothing.</returns>
    public async ValueTask<Exception?> StopAsync()
    {
        if (_running is null)
        {
            return null;
        }

        _stopped = true;
        if (!_running.IsCompleted)
        {
            http.Request.BodyReader.CancelPendingRead();

            // An upstream that has answered may read no more.
            await _stop.CancelAsync();
        }

        return await _running;
    }

    public void Dispose() => _stop.Dispose();

    private async Task<Exception?> RunAsync(Action sent, Action failed, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, cancellationToken);
        try
        {
            exchange.IsSent = await SendAsync(either.Token);
            if (exchange.IsSent)
            {
                sent();
            }

            return null;
        }
        catch (UpstreamException)
        {
            // It may have answered before it closed the connection.
            return null;
        }
        catch (OperationCanceledException) when (_stopped)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            failed();
            return e;
        }
    }

    /// <returns>Whether all of it has been sent.</returns>
    private async Task<bool> SendAsync(CancellationToken cancellationToken)
    {
        PipeReader reader = http.Request.BodyReader;
        while (!_stopped)
        {
            // Cancelled only by cancelling the pending read: with a token, the rest of the body could not be read any more.
            ReadResult read = await reader.ReadAsync(CancellationToken.None);
            if (read.IsCanceled)
            {
                reader.AdvanceTo(read.Buffer.Start);
                return false;
            }

            try
            {
                if (!read.Buffer.IsEmpty)
                {
                    Read += read.Buffer.Length;
                    await SendAsync(read.Buffer, cancellationToken);
                }
            }
            finally
            {
                reader.AdvanceTo(read.Buffer.End);
            }

            if (read.IsCompleted)
            {
                if (isChunked)
                {
                    await exchange.WriteAsync(End(), cancellationToken);
                }

                return true;
            }
        }

        return false;
    }

    private async ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        if (!isChunked)
        {
            foreach (ReadOnlyMemory<byte> segment in bytes)
            {
                await exchange.WriteAsync(segment, cancellationToken);
            }

            return;
        }

        // In one piece: three would be three packets, and three records with TLS.
        byte[] chunk = ArrayPool<byte>.Shared.Rent((int)bytes.Length + MaxChunkFrame);
        try
        {
            _ = bytes.Length.TryFormat(chunk, out int length, "x", CultureInfo.InvariantCulture);
            length += Append("\r\n"u8, chunk.AsSpan(length));
            bytes.CopyTo(chunk.AsSpan(length));
            length += (int)bytes.Length;
            length += Append("\r\n"u8, chunk.AsSpan(length));
            await exchange.WriteAsync(chunk.AsMemory(0, length), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private static int Append(ReadOnlySpan<byte> text, Span<byte> to)
    {
        text.CopyTo(to);
        return text.Length;
    }

    /// <summary>The last chunk and the trailers.</summary>
    private ReadOnlyMemory<byte> End()
    {
        var end = new ArrayBufferWriter<byte>(256);
        end.Write("0\r\n"u8);
        if (http.Features.Get<IHttpRequestTrailersFeature>() is { Available: true } trailers)
        {
            foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in trailers.Trailers)
            {
                foreach (string? value in values)
                {
                    if (HeadParser.IsToken(name) && !value.AsSpan().ContainsAny("\r\n\0"))
                    {
                        RequestHead.Line(end, name, value);
                    }
                }
            }
        }

        end.Write("\r\n"u8);
        return end.WrittenMemory;
    }
}

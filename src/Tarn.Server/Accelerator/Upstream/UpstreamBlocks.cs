using System.Globalization;
using Tarn.Core.Acceleration;
using Tarn.Core.Cache;

namespace Tarn.Server.Accelerator.Upstream;

/// <summary>The frames of one extent of a plan, from the upstream.</summary>
/// <param name="node">Sends the requests.</param>
/// <param name="capability">The extent's capability, as it is when it is asked for; null if the blob is gone.</param>
internal sealed class UpstreamBlocks(NodeClient node, Func<string?> capability) : IFrameSource
{
    public async ValueTask<IFrameStream> OpenAsync(FrameKey key, CancellationToken cancellationToken)
    {
        string presented = capability() ?? throw new FrameUnavailableException($"The upstream no longer has {key}.");
        return await OpenAsync(node, key, [new(AcceleratorHeaders.Capability, presented)], cancellationToken);
    }

    /// <summary>Opens a frame at whoever speaks as the upstream does.</summary>
    /// <param name="node">Sends the request.</param>
    /// <param name="key">The frame.</param>
    /// <param name="headers">The headers of the request.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <param name="opened">Told how long it took to begin to answer, once it gives the frame; without the wait for a connection of this side's.</param>
    /// <exception cref="FrameUnavailableException">It does not give it.</exception>
    public static async ValueTask<IFrameStream> OpenAsync(
        NodeClient node, FrameKey key, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken, Action<TimeSpan>? opened = null)
    {
        NodeClient.Limit limit = node.CreateLimit(cancellationToken);
        UpstreamExchange? exchange = null;
        try
        {
            exchange = await node.GetAsync(new BlockRequest(key.Blob, key.Start, key.Length).Path, headers, limit);
            string expected = BlockFrames.StreamLength(key.Start, key.Length).ToString(CultureInfo.InvariantCulture);
            if (exchange.Head!["Content-Length"] != expected)
            {
                throw new FrameUnavailableException($"The upstream's answer for {key} has another length.");
            }

            opened?.Invoke(limit.Elapsed);
            return new Blocks(exchange, limit);
        }
        catch (Exception e)
        {
            exchange?.Dispose();
            limit.Dispose();
            if (e is UpstreamException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                throw new FrameUnavailableException($"The upstream does not give {key}: {(e is UpstreamException ? e.Message : "it takes too long")}", e);
            }

            throw;
        }
    }

    private sealed class Blocks(UpstreamExchange exchange, NodeClient.Limit limit) : IFrameStream
    {
        private readonly byte[] _checksum = new byte[BlockFrames.ChecksumSize];

        public async ValueTask<ulong> ReadBlockAsync(Memory<byte> block, CancellationToken cancellationToken)
        {
            limit.Restart();
            try
            {
                await ReadExactlyAsync(_checksum);
                await ReadExactlyAsync(block);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new FrameUnavailableException("The upstream pauses for too long.", e);
            }
            catch (UpstreamException e)
            {
                throw new FrameUnavailableException(e.Message, e);
            }

            return BlockFrames.ReadChecksum(_checksum);
        }

        public ValueTask DisposeAsync()
        {
            exchange.Dispose();
            limit.Dispose();
            return ValueTask.CompletedTask;
        }

        private async ValueTask ReadExactlyAsync(Memory<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                int count = await exchange.Body!.ReadAsync(bytes, limit.Token);
                bytes = count > 0 ? bytes[count..] : throw new FrameUnavailableException("The upstream's answer is too short.");
            }
        }
    }
}

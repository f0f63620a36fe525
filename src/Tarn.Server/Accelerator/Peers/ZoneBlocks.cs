using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Core.Hashing;
using Tarn.Server.Accelerator.Upstream;

namespace Tarn.Server.Accelerator.Peers;

/// <summary>
/// The frames of one extent of a plan: from the accelerator that is a frame's home, and from the upstream if there is none, or it fails, or is slower than it is nearly always.
/// </summary>
/// <param name="peers">The others of the zone.</param>
/// <param name="upstream">The same frames, from the upstream.</param>
/// <param name="capability">The extent's capability; null if the blob is gone.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="time">The clock.</param>
internal sealed class ZoneBlocks(ZonePeers peers, IFrameSource upstream, Func<string?> capability, ulong bucket, TimeProvider time) : IFrameSource
{
    private long _fromPeers;

    /// <summary>Bytes that came from others of the zone.</summary>
    public long FromPeers => Volatile.Read(ref _fromPeers);

    public async ValueTask<IFrameStream> OpenAsync(FrameKey key, CancellationToken cancellationToken)
    {
        if (capability() is not { } presented || peers.HomeOf(key) is not { } home)
        {
            return await upstream.OpenAsync(key, cancellationToken);
        }

        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<IFrameStream> first = OpenAtAsync(home, key, presented, cut.Token);
        await Task.WhenAny(first, Task.Delay(peers.Times.NinetyFifth, time, cut.Token));
        if (first.IsCompleted)
        {
            await cut.CancelAsync();
            return first.IsCompletedSuccessfully ? await first : await upstream.OpenAsync(key, cancellationToken);
        }

        Task<IFrameStream> second = upstream.OpenAsync(key, cancellationToken).AsTask();
        await Task.WhenAny(first, second);
        if (first.IsCompletedSuccessfully)
        {
            _ = DiscardAsync(second);
            return await first;
        }

        await cut.CancelAsync();
        _ = DiscardAsync(first);
        return await second;
    }

    private async Task<IFrameStream> OpenAtAsync(AcceleratorPeer home, FrameKey key, string presented, CancellationToken cancellationToken)
    {
        try
        {
            return new Guarded(this, key, await peers.OpenAsync(home, key, bucket, presented, cancellationToken));
        }
        catch (FrameUnavailableException)
        {
            peers.Failed(home);
            throw;
        }
    }

    /// <summary>Closes the stream that came too late.</summary>
    private static async Task DiscardAsync(Task<IFrameStream> late)
    {
        try
        {
            await (await late).DisposeAsync();
        }
        catch (Exception e) when (e is FrameUnavailableException or OperationCanceledException)
        {
            // It gave nothing.
        }
    }

    /// <summary>The stream of another accelerator, whose blocks are verified; where it ends or is wrong, the upstream's goes on.</summary>
    private sealed class Guarded(ZoneBlocks of, FrameKey key, IFrameStream peer) : IFrameStream
    {
        private IFrameStream _stream = peer;
        private bool _isPeer = true;
        private int _read;

        public async ValueTask<ulong> ReadBlockAsync(Memory<byte> block, CancellationToken cancellationToken)
        {
            if (_isPeer)
            {
                if (await TryReadAsync(block, cancellationToken) is { } checksum)
                {
                    _read += block.Length;
                    Interlocked.Add(ref of._fromPeers, block.Length);
                    return checksum;
                }

                await _stream.DisposeAsync();
                _isPeer = false;
                _stream = NoStream.Instance;
                _stream = await of.upstreamOf(new FrameKey(key.Blob, key.Start + _read, key.Length - _read), cancellationToken);
            }

            return await _stream.ReadBlockAsync(block, cancellationToken);
        }

        public ValueTask DisposeAsync() => _stream.DisposeAsync();

        private async ValueTask<ulong?> TryReadAsync(Memory<byte> block, CancellationToken cancellationToken)
        {
            try
            {
                ulong checksum = await _stream.ReadBlockAsync(block, cancellationToken);
                return checksum == BlockChecksum.Of(block.Span) ? checksum : null;
            }
            catch (FrameUnavailableException)
            {
                return null;
            }
        }
    }
}

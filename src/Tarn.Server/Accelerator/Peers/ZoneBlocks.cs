using System.Collections.Concurrent;
using Tarn.Core.Acceleration;
using Tarn.Core.Cache;

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
    private readonly ConcurrentDictionary<long, bool> _fromPeers = new();

    /// <summary>Whether a frame that was fetched from here came from another accelerator, or is coming.</summary>
    public bool CameFromPeer(FrameKey key) => _fromPeers.ContainsKey(key.Start);

    public async ValueTask<IFrameStream> OpenAsync(FrameKey key, CancellationToken cancellationToken)
    {
        if (capability() is not { } presented || peers.HomeOf(key) is not { } home)
        {
            return await upstream.OpenAsync(key, cancellationToken);
        }

        // Whoever ends the first attempt disposes of it: the stream, once there is one.
        var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<IFrameStream> first = OpenAtAsync(home, key, presented, cut);
        using (var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            await Task.WhenAny(first, Task.Delay(peers.Times.NinetyFifth, time, waiting.Token));
            await waiting.CancelAsync();
        }

        if (!first.IsCompleted)
        {
            Task<IFrameStream> second = upstream.OpenAsync(key, cancellationToken).AsTask();
            await Task.WhenAny(first, second);
            if (!first.IsCompletedSuccessfully)
            {
                _ = CutAsync(first, cut);
                return await second;
            }

            _ = DiscardAsync(second);
        }

        if (first.IsCompletedSuccessfully)
        {
            _fromPeers[key.Start] = true;
            return await first;
        }

        cut.Dispose();
        return await upstream.OpenAsync(key, cancellationToken);
    }

    private async Task<IFrameStream> OpenAtAsync(AcceleratorPeer home, FrameKey key, string presented, CancellationTokenSource cut)
    {
        try
        {
            return new Guarded(this, key, await peers.OpenAsync(home, key, bucket, presented, cut.Token), cut);
        }
        catch (FrameUnavailableException)
        {
            peers.Failed(home);
            throw;
        }
    }

    private ValueTask<IFrameStream> OpenUpstreamAsync(FrameKey key, CancellationToken cancellationToken) => upstream.OpenAsync(key, cancellationToken);

    /// <summary>Ends an attempt that is no longer needed.</summary>
    private static async Task CutAsync(Task<IFrameStream> attempt, CancellationTokenSource cut)
    {
        await cut.CancelAsync();
        await DiscardAsync(attempt);
        cut.Dispose();
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
    private sealed class Guarded(ZoneBlocks of, FrameKey key, IFrameStream peer, CancellationTokenSource cut) : IFrameStream
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
                    return checksum;
                }

                IFrameStream rest = await of.OpenUpstreamAsync(new FrameKey(key.Blob, key.Start + _read, key.Length - _read), cancellationToken);
                await _stream.DisposeAsync();
                (_isPeer, _stream) = (false, rest);
                _ = of._fromPeers.TryRemove(key.Start, out _);
            }

            return await _stream.ReadBlockAsync(block, cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _stream.DisposeAsync();
            cut.Dispose();
        }

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

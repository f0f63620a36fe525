using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Upstream;

namespace Tarn.Server.Accelerator.Peers;

/// <summary>
/// The frames of one extent of a plan: from the accelerator that is a frame's home, and from the upstream if there is none, or it fails, or is slower than it is nearly always.
/// </summary>
/// <param name="peers">The others of the zone.</param>
/// <param name="upstream">The same frames, from the upstream.</param>
/// <param name="capability">The extent's capability; null if the blob is gone.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="shared">Learns which frames come from others.</param>
/// <param name="time">The clock.</param>
internal sealed class ZoneBlocks(ZonePeers peers, IFrameSource upstream, Func<string?> capability, ulong bucket, SharedFrames shared, TimeProvider time) : IFrameSource
{
    private ZonePeers Peers => peers;

    private IFrameSource Upstream => upstream;

    private SharedFrames Shared => shared;

    /// <summary>Whether a frame that was fetched from here came from another accelerator, or is coming.</summary>
    public bool CameFromPeer(FrameKey key) => shared.Contains(key);

    public async ValueTask<IFrameStream> OpenAsync(FrameKey key, CancellationToken cancellationToken)
    {
        if (capability() is not { } presented || peers.HomeOf(key) is not { } home)
        {
            return await upstream.OpenAsync(key, cancellationToken);
        }

        var first = OpeningStream.Begin(cut => OpenAtAsync(home, key, presented, cut), cancellationToken);
        await CompletesWithinAsync(first.Opening, peers.Times.NinetyFifth, cancellationToken);
        OpeningStream? hedge = null;
        if (!first.Opening.IsCompleted)
        {
            hedge = OpeningStream.Begin(cut => upstream.OpenAsync(key, cut).AsTask(), cancellationToken);
            Task<IFrameStream> ended = await Task.WhenAny(first.Opening, hedge.Opening);
            if (!ended.IsCompletedSuccessfully)
            {
                // That one fails says nothing of the other.
                await Task.WhenAny(ended == first.Opening ? hedge.Opening : first.Opening);
            }
        }

        if (first.Opening.IsCompletedSuccessfully)
        {
            _ = hedge?.AbandonAsync();
            shared.Add(key);
            return new Guarded(this, home, key, await first.Opening);
        }

        _ = first.AbandonAsync();
        return hedge is null ? await upstream.OpenAsync(key, cancellationToken) : await hedge.Opening;
    }

    private async Task CompletesWithinAsync(Task opening, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(opening, Task.Delay(limit, time, waiting.Token));
        await waiting.CancelAsync();
    }

    private async Task<IFrameStream> OpenAtAsync(AcceleratorPeer home, FrameKey key, string presented, CancellationToken cut)
    {
        try
        {
            return await peers.OpenAsync(home, key, bucket, presented, cut);
        }
        catch (FrameUnavailableException e)
        {
            // One that says what it does not have, or may not give, is well; and one that was not asked, since there was no connection left to ask on, may be.
            if (e.InnerException is not (NodeRefusedException { Status: < StatusCodes.Status500InternalServerError } or ConnectionsInUseException))
            {
                peers.CircuitOf(home).Failed();
            }

            throw;
        }
    }

    /// <summary>The stream of another accelerator, whose blocks are verified; where it ends, stalls or is wrong, the upstream's goes on.</summary>
    private sealed class Guarded(ZoneBlocks of, AcceleratorPeer home, FrameKey key, IFrameStream peer) : IFrameStream
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
                    if (_read == key.Length)
                    {
                        of.Peers.CircuitOf(home).Succeeded();
                    }

                    return checksum;
                }

                of.Peers.CircuitOf(home).Failed();
                IFrameStream rest = await of.Upstream.OpenAsync(new FrameKey(key.Blob, key.Start + _read, key.Length - _read), cancellationToken);
                await _stream.DisposeAsync();
                (_isPeer, _stream) = (false, rest);
                of.Shared.Remove(key);
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

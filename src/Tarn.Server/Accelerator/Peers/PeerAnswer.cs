using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Accelerator.Upstream;
using Tarn.Server.Configuration;

namespace Tarn.Server.Accelerator.Peers;

/// <summary>
/// Answers the other accelerators of the zone, which TLS has authenticated: blocks of frames whose home this one is, from its cache, or from the upstream into its cache. What they may read, a
/// capability says, which is checked with the key of the zone.
/// </summary>
internal sealed class PeerAnswer(BlockCache cache, NodeClient node, ZoneState zone, CacheClears clears, AcceleratorOptions options)
{
    private long _sent;

    /// <summary>Bytes of blocks that were sent.</summary>
    public long Sent => Volatile.Read(ref _sent);

    public async Task HandleAsync(HttpContext http)
    {
        if (!PeerIdentity.IsRegistered(http.Connection.ClientCertificate, zone))
        {
            // Its token may have been revoked since it connected.
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            http.Response.Headers.Connection = "close";
            return;
        }

        string capability = http.Request.Headers[AcceleratorHeaders.Capability].ToString();
        if (!HttpMethods.IsGet(http.Request.Method)
            || !BlockRequest.TryParse(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, out BlockRequest request)
            || !ulong.TryParse(http.Request.Headers[ZonePeers.BucketHeader], NumberStyles.None, CultureInfo.InvariantCulture, out ulong bucket))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        if (BlobCapability.VerifyInZone(capability, options.Zone, zone.KeyOf, zone.ServerTime, out BlobCapability? entitled) != CapabilityStatus.Valid
            || !entitled!.Covers(request.Blob, request.Start, request.Length))
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        FrameKey key = FrameKey.Of(entitled.Blob, entitled.Offset, entitled.Length, request.Start);
        if (!IsOfBlocks(key, request))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        if (!clears.HasDone(http.Request.Headers[ZonePeers.ClearsHeader].ToString()))
        {
            // It would get again what it has cleared.
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        try
        {
            await SendAsync(http, key, request, bucket, new UpstreamBlocks(node, () => capability));
        }
        catch (Exception e) when (e is FrameUnavailableException or FrameDamagedException)
        {
            if (http.Response.HasStarted)
            {
                http.Abort();
                return;
            }

            http.Response.Clear();
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // It has what it wants from elsewhere.
        }
    }

    /// <summary>Whether a run is of whole blocks of one frame: there are no checksums of others that the bytes could be sent with.</summary>
    private static bool IsOfBlocks(FrameKey key, BlockRequest request)
    {
        long end = request.Start + request.Length;
        return (request.Start == key.Start || request.Start % BlockFrames.BlockSize == 0) && (end == key.End || (end < key.End && end % BlockFrames.BlockSize == 0));
    }

    private async Task SendAsync(HttpContext http, FrameKey key, BlockRequest request, ulong bucket, UpstreamBlocks source)
    {
        PipeWriter writer = http.Response.BodyWriter;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BlockFrames.ChecksumSize + BlockFrames.BlockSize);
        try
        {
            long end = request.Start + request.Length;
            for (long at = request.Start; at < end;)
            {
                int length = BlockFrames.LengthAt(at, end);
                int block = (int)((at / BlockFrames.BlockSize) - (key.Start / BlockFrames.BlockSize));
                for (int have = 0; have < length;)
                {
                    CacheRead read = await cache.ReadAsync(
                        key, (int)(at - key.Start) + have, buffer.AsMemory(BlockFrames.ChecksumSize + have, length - have), bucket, CacheUse.Fill, source, http.RequestAborted);
                    have += read.Count > 0 ? read.Count : throw new FrameUnavailableException("The cache gave no bytes.");

                    // The one that it came with, not one of what is in memory now: whoever gets it notices what has happened to the bytes since they were verified.
                    BlockFrames.WriteChecksum(buffer, read.Checksums.Span[block]);
                }

                if (at == request.Start)
                {
                    http.Response.ContentLength = BlockFrames.StreamLength(request.Start, request.Length);
                }

                FlushResult flushed = await writer.WriteAsync(buffer.AsMemory(0, BlockFrames.ChecksumSize + length), http.RequestAborted);
                if (flushed.IsCompleted || flushed.IsCanceled)
                {
                    return;
                }

                Interlocked.Add(ref _sent, length);
                at += length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

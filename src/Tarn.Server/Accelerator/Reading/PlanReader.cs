using System.IO.Pipelines;
using System.Text;
using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Forwarding;
using Tarn.Server.Accelerator.Peers;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Accelerator.Upstream;

namespace Tarn.Server.Accelerator.Reading;

/// <summary>Sends the bytes of a plan, and of those that continue it, to a client: each verified, from the cache or the upstream.</summary>
internal sealed class PlanReader(BlockCache cache, NodeClient node, ZonePeers peers, ZoneState zone, TimeProvider time)
{
    /// <summary>How many frames ahead of a reader are fetched.</summary>
    public const int ReadAhead = 4;

    /// <summary>Bytes that are read and sent at once.</summary>
    private const int Piece = 64 * 1024;

    /// <summary>Sends the whole body. Nothing is sent before the first bytes are there.</summary>
    /// <param name="http">The request, with the head of its answer.</param>
    /// <param name="plan">The first plan.</param>
    /// <param name="start">The first byte of the body in the object.</param>
    /// <param name="total">Bytes of the body.</param>
    /// <param name="use">What may be done with the cache.</param>
    /// <param name="outcome">Counts the bytes.</param>
    /// <exception cref="UpstreamException">A plan that continues the first cannot be had, or is not what it should be.</exception>
    /// <exception cref="FrameUnavailableException">Bytes cannot be had.</exception>
    /// <exception cref="FrameDamagedException">Bytes came damaged.</exception>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async Task SendAsync(HttpContext http, ReadPlan plan, long start, long total, CacheUse use, RequestOutcome outcome)
    {
        long sent = 0;
        while (true)
        {
            ThrowIfUnfit(plan, start + sent, total - sent);
            await SendPlanAsync(http, plan, use, outcome);
            sent += plan.Length;
            if (sent == total)
            {
                return;
            }

            plan = await ContinueAsync(plan.Next!, http.RequestAborted);
        }
    }

    /// <summary>The plan that a continuation stands for.</summary>
    /// <exception cref="UpstreamException">It cannot be had, or is not understood.</exception>
    public async Task<ReadPlan> ContinueAsync(string continuation, CancellationToken cancellationToken)
    {
        byte[] text = await node.PostAsync(AcceleratorPaths.Continue, Encoding.ASCII.GetBytes(continuation), ReadPlan.MaxSize, cancellationToken);
        return ReadPlan.TryDecode(text, out ReadPlan? plan) == PlanStatus.Valid ? plan! : throw new UpstreamException("The upstream's plan is not understood.");
    }

    /// <summary>What a plan's frames are fetched from, for as long as the lease lasts.</summary>
    public (CapabilityLease Lease, ZoneBlocks[] Sources) Open(ReadPlan plan)
    {
        var lease = new CapabilityLease(plan, node, zone, time);
        return (lease, [.. Enumerable.Range(0, plan.Extents.Count).Select(SourceOf)]);

        ZoneBlocks SourceOf(int extent) => new(peers, new UpstreamBlocks(node, () => lease[extent]), () => lease[extent], plan.Bucket, time);
    }

    private static void ThrowIfUnfit(ReadPlan plan, long start, long left)
    {
        if (plan.Start != start || plan.Length > left || (plan.Length < left && plan.Next is null))
        {
            throw new UpstreamException("The upstream's plan is for other bytes than those of the answer.");
        }
    }

    private async Task SendPlanAsync(HttpContext http, ReadPlan plan, CacheUse use, RequestOutcome outcome)
    {
        (CapabilityLease lease, ZoneBlocks[] sources) = Open(plan);
        await using (lease)
        {
            using IEnumerator<(FrameKey Key, int Extent, long From, long To)> coming = PlannedFrames.Of(plan).GetEnumerator();

            // Whether each of the frames ahead was cached before it was fetched ahead.
            var ahead = new Queue<bool>();
            foreach ((FrameKey key, int extent, long from, long to) in PlannedFrames.Of(plan))
            {
                // This one first, and those that come next, as far as there is room.
                while (ahead.Count <= ReadAhead && coming.MoveNext())
                {
                    ahead.Enqueue(cache.Contains(coming.Current.Key));
                    if (use == CacheUse.Fill)
                    {
                        _ = cache.TryPrefetch(coming.Current.Key, plan.Bucket, sources[coming.Current.Extent]);
                    }
                }

                bool isCached = ahead.Dequeue();
                await SendFrameAsync(http, key, from, to, plan.Bucket, use, sources[extent]);
                outcome.Add(isCached ? ByteSource.Cache : sources[extent].CameFromPeer(key) ? ByteSource.Peers : ByteSource.Upstream, to - from);
            }
        }
    }

    private async Task SendFrameAsync(HttpContext http, FrameKey key, long from, long to, ulong bucket, CacheUse use, ZoneBlocks source)
    {
        PipeWriter writer = http.Response.BodyWriter;

        // What is not kept is fetched anew by each read: then a read is as long as it can be.
        byte[]? whole = use == CacheUse.Fill ? null : new byte[(int)(to - from)];
        for (long at = from; at < to;)
        {
            int wanted = (int)Math.Min(to - at, whole?.Length ?? Piece);
            Memory<byte> memory = (whole ?? writer.GetMemory(wanted))[..wanted];
            CacheRead read = await cache.ReadAsync(key, (int)(at - key.Start), memory, bucket, use, source, http.RequestAborted);
            if (read.Count == 0)
            {
                throw new UpstreamException("The cache gave no bytes.");
            }

            at += read.Count;
            if (whole is null)
            {
                writer.Advance(read.Count);
            }

            FlushResult flushed = whole is null ? await writer.FlushAsync(http.RequestAborted) : await writer.WriteAsync(memory[..read.Count], http.RequestAborted);
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                throw new OperationCanceledException("The client has gone.");
            }
        }
    }
}

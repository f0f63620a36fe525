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

    /// <summary>
    /// The same where nothing is kept: each piece is a request to its source, so pieces are larger, and whole blocks, so that none is fetched twice. Together these take as much memory as requests are
    /// admitted, each of which counts as 128 KiB.
    /// </summary>
    private const int UnkeptPiece = 128 * 1024;

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
        var shared = new SharedFrames();
        return (lease, [.. Enumerable.Range(0, plan.Extents.Count).Select(SourceOf)]);

        ZoneBlocks SourceOf(int extent) => new(peers, new UpstreamBlocks(node, () => lease[extent]), () => lease[extent], plan.Bucket, shared, time);
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
        // Before anything is fetched for it.
        CacheResult? rest = http.Response.HasStarted ? null : PlannedFrames.BehindFirst(cache, plan);
        (CapabilityLease lease, ZoneBlocks[] sources) = Open(plan);
        await using (lease)
        {
            using IEnumerator<(FrameKey Key, int Extent, long From, long To)> coming = PlannedFrames.Of(plan).GetEnumerator();

            // What became of the frames that were to be fetched ahead; null: none is.
            var ahead = new Queue<PrefetchResult?>();
            foreach ((FrameKey key, int extent, long from, long to) in PlannedFrames.Of(plan))
            {
                // This one first, and those that come next, as far as there is room.
                while (ahead.Count <= ReadAhead && coming.MoveNext())
                {
                    ahead.Enqueue(use == CacheUse.Fill ? cache.Prefetch(coming.Current.Key, plan.Bucket, sources[coming.Current.Extent]) : null);
                }

                var frame = new ReadFrame(key, sources[extent], isFetched: ahead.Dequeue() is PrefetchResult.Started or PrefetchResult.Fetching);
                await SendFrameAsync(http, frame, from, to, plan.Bucket, use, rest, outcome);
            }
        }
    }

    private async Task SendFrameAsync(HttpContext http, ReadFrame frame, long from, long to, ulong bucket, CacheUse use, CacheResult? rest, RequestOutcome outcome)
    {
        PipeWriter writer = http.Response.BodyWriter;
        for (long at = from; at < to;)
        {
            long end = use == CacheUse.Fill ? at + Piece : ((at / UnkeptPiece) + 1) * UnkeptPiece;
            int wanted = (int)(Math.Min(to, end) - at);
            CacheRead read = await cache.ReadAsync(frame.Key, (int)(at - frame.Key.Start), writer.GetMemory(wanted)[..wanted], bucket, use, frame.Source, http.RequestAborted);
            if (read.Count == 0)
            {
                throw new UpstreamException("The cache gave no bytes.");
            }

            ByteSource source = frame.Note(read);
            if (!http.Response.HasStarted)
            {
                http.Response.Headers[AcceleratorHeaders.Cache] = Announced(source, rest).Text();
            }

            at += read.Count;
            writer.Advance(read.Count);
            FlushResult flushed = await writer.FlushAsync(http.RequestAborted);
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                throw new ClientGoneException();
            }

            outcome.AddPlanned(source, read.Count);
        }
    }

    /// <summary>What is said of an answer when it begins: where its first bytes came from is known, and of the rest, what the cache has.</summary>
    private static CacheResult Announced(ByteSource first, CacheResult? rest)
    {
        CacheResult result = first == ByteSource.Cache ? CacheResult.Hit : CacheResult.Miss;
        return rest is null || rest == result ? result : CacheResult.Partial;
    }

    /// <summary>A frame that is being sent, and where it came from.</summary>
    private sealed class ReadFrame(FrameKey key, ZoneBlocks source, bool isFetched)
    {
        // Whether the cache did not have it when the request came to it. It may have it by now.
        private bool _isFetched = isFetched;
        private ZoneBlocks? _from;

        public FrameKey Key => key;

        public ZoneBlocks Source => source;

        /// <summary>Where the bytes of a read came from.</summary>
        public ByteSource Note(CacheRead read)
        {
            if (read.Origin != CacheOrigin.Hit)
            {
                (_isFetched, _from) = (true, read.Source as ZoneBlocks);
            }

            return !_isFetched ? ByteSource.Cache : (_from ?? source).CameFromPeer(key) ? ByteSource.Peers : ByteSource.Upstream;
        }
    }
}

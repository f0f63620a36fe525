using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Forwarding;

namespace Tarn.Server.Accelerator.Reading;

/// <summary>The frames of the cache that a plan needs, in their order.</summary>
internal static class PlannedFrames
{
    /// <summary>Every frame, with the extent that it is of and the bytes of it that are needed, as offsets in the blob.</summary>
    public static IEnumerable<(FrameKey Key, int Extent, long From, long To)> Of(ReadPlan plan)
    {
        for (int i = 0; i < plan.Extents.Count; i++)
        {
            PlannedExtent extent = plan.Extents[i];
            for (long at = extent.From; at < extent.To;)
            {
                FrameKey key = FrameKey.Of(extent.Blob, extent.Offset, extent.Length, at);
                long to = Math.Min(key.End, extent.To);
                yield return (key, i, at, to);
                at = to;
            }
        }
    }

    /// <summary>How much of a plan the cache has now, apart from its first frame; null if there is no other.</summary>
    public static CacheResult? BehindFirst(BlockCache cache, ReadPlan plan)
    {
        bool some = false, all = true, any = false;
        foreach ((FrameKey key, _, _, _) in Of(plan).Skip(1))
        {
            bool has = cache.Contains(key);
            some |= has;
            all &= has;
            any = true;
        }

        return !any ? null : all ? CacheResult.Hit : some ? CacheResult.Partial : CacheResult.Miss;
    }
}

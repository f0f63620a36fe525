using Tarn.Core.Acceleration;
using Tarn.Core.Cache;

namespace Tarn.Server.Accelerator.Peers;

/// <summary>
/// Which accelerator of the zone is the home of a frame, by rendezvous hashing: each accelerator has a score for each frame, and the highest one wins. One that joins or leaves moves only
/// its own share. Source: D. Thaler, C. Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", 1998.
/// </summary>
internal static class ZoneHomes
{
    /// <summary>The home of a frame; null: this accelerator.</summary>
    /// <param name="key">The frame.</param>
    /// <param name="own">The address of this accelerator, which stays the same when it starts again.</param>
    /// <param name="peers">The others.</param>
    public static AcceleratorPeer? Of(FrameKey key, string own, IReadOnlyList<AcceleratorPeer> peers)
    {
        // All parts of a cell of the grid have the same home.
        ulong frame = Mix(key.Blob.Value.High ^ Mix(key.Blob.Value.Low ^ Mix((ulong)(key.Start / FrameKey.MaxLength))));
        AcceleratorPeer? home = null;
        (ulong Score, string Address) best = (Mix(frame ^ HashOf(own)), own);
        foreach (AcceleratorPeer peer in peers)
        {
            ulong score = Mix(frame ^ HashOf(peer.Address));
            if (score > best.Score || (score == best.Score && string.CompareOrdinal(peer.Address, best.Address) > 0))
            {
                (best, home) = ((score, peer.Address), peer);
            }
        }

        return home;
    }

    /// <summary>FNV-1a, 64 bits: the same in every process.</summary>
    private static ulong HashOf(string text)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char c in text)
        {
            hash = unchecked((hash ^ c) * 0x100000001B3);
        }

        return hash;
    }

    /// <summary>The finalizer of SplitMix64.</summary>
    private static ulong Mix(ulong z)
    {
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }
}

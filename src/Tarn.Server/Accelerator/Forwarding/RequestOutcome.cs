namespace Tarn.Server.Accelerator.Forwarding;

/// <summary>Where the bytes of an answer came from, as <c>x-tarn-cache</c> says it.</summary>
internal enum CacheResult
{
    /// <summary>The request was forwarded.</summary>
    Bypass,

    /// <summary>All of them from the cache.</summary>
    Hit,

    /// <summary>Some of them.</summary>
    Partial,

    /// <summary>None of them.</summary>
    Miss,
}

/// <summary>Where bytes of an answer came from.</summary>
internal enum ByteSource
{
    /// <summary>The cache had them when the request came to them.</summary>
    Cache,

    /// <summary>Another accelerator of the zone.</summary>
    Peers,

    /// <summary>The upstream.</summary>
    Upstream,
}

/// <summary>The words for it.</summary>
internal static class CacheResults
{
    /// <summary>As headers, logs and metrics say it.</summary>
    public static string Text(this CacheResult result) => result switch
    {
        CacheResult.Hit => "hit",
        CacheResult.Partial => "partial",
        CacheResult.Miss => "miss",
        _ => "bypass",
    };
}

/// <summary>What became of a request: for the access log and the metrics.</summary>
internal sealed class RequestOutcome
{
    public CacheResult Cache { get; set; }

    /// <summary>The id of the request, which the upstream gave it.</summary>
    public string? RequestId { get; set; }

    /// <summary>The status that was answered.</summary>
    public int Status { get; set; }

    /// <summary>Why the answer is the accelerator's own, or was cut; null where neither is so.</summary>
    public string? Failure { get; set; }

    /// <summary>Canonical user id of the owner of the bucket, if the upstream said it.</summary>
    public string? Owner { get; set; }

    /// <summary>Bytes that were read of the request's body.</summary>
    public long BytesIn { get; set; }

    /// <summary>Bytes of the body that came from the cache.</summary>
    public long FromCache { get; private set; }

    /// <summary>Bytes of the body that came from other accelerators.</summary>
    public long FromPeers { get; private set; }

    /// <summary>Bytes of the body that came from the upstream.</summary>
    public long FromUpstream { get; private set; }

    /// <summary>Counts bytes of the body.</summary>
    public void Add(ByteSource source, long bytes)
    {
        FromCache += source == ByteSource.Cache ? bytes : 0;
        FromPeers += source == ByteSource.Peers ? bytes : 0;
        FromUpstream += source == ByteSource.Upstream ? bytes : 0;
    }

    /// <summary>Counts bytes of a body that was planned, and so what <see cref="Cache"/> is.</summary>
    public void AddPlanned(ByteSource source, long bytes)
    {
        Add(source, bytes);
        Cache = FromCache == BytesOut ? CacheResult.Hit : FromCache > 0 ? CacheResult.Partial : CacheResult.Miss;
    }

    /// <summary>Bytes of the body.</summary>
    public long BytesOut => FromCache + FromPeers + FromUpstream;
}

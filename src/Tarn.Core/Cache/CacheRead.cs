namespace Tarn.Core.Cache;

/// <summary>What a read may do with the cache.</summary>
public enum CacheUse
{
    /// <summary>Look, and keep what is fetched.</summary>
    Fill,

    /// <summary>Look, but keep nothing: <c>Cache-Control: no-cache</c>.</summary>
    LookOnly,

    /// <summary>Neither: <c>Cache-Control: no-store</c>.</summary>
    None,
}

/// <summary>Where the bytes of a read came from.</summary>
public enum CacheOrigin
{
    /// <summary>The cache had them.</summary>
    Hit,

    /// <summary>A fetch that another read had started.</summary>
    Joined,

    /// <summary>The source, for this read.</summary>
    Miss,
}

/// <summary>What a read has got.</summary>
/// <param name="Count">Bytes in the buffer; 0 only for an empty buffer or at the frame's end.</param>
/// <param name="Origin">Where they came from.</param>
public readonly record struct CacheRead(int Count, CacheOrigin Origin)
{
    /// <summary>
    /// The CRC64NVME with which each block of the frame came from its source; that of a block of which the read has no byte may be 0. Bytes that are passed on go with these: a checksum made of the
    /// bytes as they are now would vouch for damage.
    /// </summary>
    public ReadOnlyMemory<ulong> Checksums { get; init; }

    /// <summary>The source of the fetch that gave the bytes, which may be another reader's; null when the cache had them.</summary>
    public IFrameSource? Source { get; init; }
}

/// <summary>What became of a frame that was to be fetched ahead.</summary>
public enum PrefetchResult
{
    /// <summary>There is no room: nothing is fetched.</summary>
    NoRoom,

    /// <summary>The cache has it.</summary>
    Cached,

    /// <summary>It is being fetched already.</summary>
    Fetching,

    /// <summary>The fetch was started.</summary>
    Started,
}

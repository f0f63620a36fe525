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
public readonly record struct CacheRead(int Count, CacheOrigin Origin);

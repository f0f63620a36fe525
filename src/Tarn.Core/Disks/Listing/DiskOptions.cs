namespace Tarn.Core.Disks.Listing;

/// <summary>How much disks may take.</summary>
public sealed record DiskOptions
{
    /// <summary>Bytes of sorted names that are kept between requests.</summary>
    public long CacheBytes { get; init; } = 128L << 20;

    /// <summary>Names of one directory that are held at a time; a larger directory is read once for every half as many.</summary>
    public int MaxNamesAtOnce { get; init; } = 2_000_000;

    /// <summary>The same, in bytes.</summary>
    public int MaxNameBytesAtOnce { get; init; } = 64 << 20;

    /// <summary>How long it takes to look at one file where the files of a page are looked at several at a time: a device or a server is waited for.</summary>
    public TimeSpan SlowLook { get; init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>Directories entered for one page; a page that is not full by then ends there and says so.</summary>
    public int MaxDirectoriesPerPage { get; init; } = 100_000;

    /// <summary>Bytes that writes to disks leave free on the file system. On an attached one that is small it is a sixteenth of it.</summary>
    public long ReserveBytes { get; init; } = 256L << 20;
}

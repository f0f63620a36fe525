namespace Tarn.Core.Disks.Catalog;

/// <summary>A disk as one request sees it: a directory tree that is shown as a bucket, which S3 can only read. Immutable.</summary>
public sealed class Disk
{
    private readonly byte[] _bytes;

    internal Disk(DiskId id, DiskRecord record, byte[] bytes)
    {
        Id = id;
        Record = record;
        AllowedAddresses = AddressList.Parse(record.AllowedAddresses);
        _bytes = bytes;
    }

    /// <summary>The id, which is also the name of the disk's bucket.</summary>
    public DiskId Id { get; }

    /// <summary>A name for people; unique within the organization.</summary>
    public string Name => Record.Name;

    /// <summary>The id of the organization that it belongs to.</summary>
    public string Organization => Record.Organization;

    /// <summary>The absolute path of the tree's root on this machine.</summary>
    public string RootPath => Record.RootPath;

    /// <summary>Whether the tree was there before the disk, and so outlives it.</summary>
    public bool IsAttached => Record.IsAttached;

    /// <summary>Whether a file that grows while it is read counts as appended to: the bytes that it had when opened are sent.</summary>
    public bool GrowingFiles => Record.GrowingFiles;

    /// <summary>Whether the control API may write to the tree. Unless it was set: only to a tree that was made for the disk.</summary>
    public bool IsWritable => Record.Writing ?? !IsAttached;

    /// <summary>To the second.</summary>
    public DateTimeOffset Created => DateTimeOffset.FromUnixTimeMilliseconds(Record.Created);

    /// <summary>The addresses that may read the disk; empty: all.</summary>
    public AddressList AllowedAddresses { get; }

    /// <summary>The file systems that its tree consists of, each described for an operator; empty: not seen yet.</summary>
    public IEnumerable<(string Path, string Text)> FileSystems => Record.Mounts.Select(mount => (mount.Path, mount.ToString()));

    internal DiskRecord Record { get; }

    /// <summary>The exact bytes of the row it was read from.</summary>
    internal byte[] Bytes => _bytes;
}

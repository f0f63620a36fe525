namespace Tarn.Core.Disks.Writing;

/// <summary>Why a change of a disk's tree is refused.</summary>
public enum DiskChangeRefusal
{
    /// <summary>The request cannot be carried out on any tree.</summary>
    Invalid,

    /// <summary>The disk is read-only, or the server's user may not do this.</summary>
    Denied,

    /// <summary>What is to be changed does not exist, or the directory that it would be in.</summary>
    Absent,

    /// <summary>Something else is there.</summary>
    Conflict,

    /// <summary>The file would be too large for its file system.</summary>
    TooLarge,

    /// <summary>There are as many of them as there may be.</summary>
    TooMany,
}

/// <summary>A change of a disk's tree is refused; nothing was changed. The message is for who asked for it.</summary>
public sealed class DiskChangeRefusedException : Exception
{
    /// <inheritdoc/>
    public DiskChangeRefusedException() { }

    /// <inheritdoc/>
    public DiskChangeRefusedException(string message) : base(message) { }

    /// <inheritdoc/>
    public DiskChangeRefusedException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Creates the exception.</summary>
    public DiskChangeRefusedException(DiskChangeRefusal reason, string message, Exception? inner = null) : base(message, inner) => Reason = reason;

    /// <summary>Why.</summary>
    public DiskChangeRefusal Reason { get; }
}

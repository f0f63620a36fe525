namespace Tarn.Core.Disks.Listing;

/// <summary>The kind of a directory entry in a listing.</summary>
internal enum EntryKind : byte
{
    /// <summary>A regular file.</summary>
    File = 1,

    /// <summary>A directory, sorted with a slash at its end.</summary>
    Directory = 2,

    /// <summary>A link or an entry of unknown type, in its place as a file; resolved when it is listed.</summary>
    PerhapsFile = 3,

    /// <summary>A link or an entry of unknown type, in its place as a directory; resolved when it is listed.</summary>
    PerhapsDirectory = 4,
}

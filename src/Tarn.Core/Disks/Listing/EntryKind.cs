namespace Tarn.Core.Disks.Listing;

/// <summary>What a name in a directory stands for in a listing.</summary>
internal enum EntryKind : byte
{
    /// <summary>A regular file.</summary>
    File = 1,

    /// <summary>A directory, sorted with a slash at its end.</summary>
    Directory = 2,

    /// <summary>A file if what the name leads to, looked at when it is listed, is one.</summary>
    PerhapsFile = 3,

    /// <summary>A directory if what the name leads to, looked at when it is listed, is one.</summary>
    PerhapsDirectory = 4,
}

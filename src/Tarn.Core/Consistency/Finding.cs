namespace Tarn.Core.Consistency;

/// <summary>Something that a check of the stores found to be wrong.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Detail">The same for people, in one sentence.</param>
public sealed record Finding(FindingKind Kind, string Detail)
{
    /// <summary>The row that it was found in, its table and the rest of its key; null when it is not about a row.</summary>
    public string? Row { get; init; }

    /// <summary>The id of the blob, of the row of a small object, or of the manifest; null when it is not about stored data.</summary>
    public string? Data { get; init; }

    /// <summary>The name of the bucket that is affected; null when none is, or it is not known.</summary>
    public string? Bucket { get; init; }

    /// <summary>The key of the object, or of the upload, that is affected.</summary>
    public string? Key { get; init; }

    /// <summary>The version of that object as clients name it.</summary>
    public string? Version { get; init; }

    /// <summary>The id of the multipart upload that is affected.</summary>
    public string? Upload { get; init; }

    /// <summary>The number of the part that is affected; 0 when none is.</summary>
    public int Part { get; init; }
}

/// <summary>The names of kinds in reports.</summary>
public static class FindingKinds
{
    /// <summary>The name in text and JSON.</summary>
    public static string Name(this FindingKind kind) => kind switch
    {
        FindingKind.Metadata => "metadata",
        FindingKind.Unreadable => "unreadable",
        FindingKind.Inconsistent => "inconsistent",
        FindingKind.Missing => "missing",
        FindingKind.WrongLength => "wrong-length",
        FindingKind.Damaged => "damaged",
        FindingKind.WrongBlob => "wrong-blob",
        FindingKind.Unreferenced => "unreferenced",
        FindingKind.References => "references",
        FindingKind.Scheduled => "scheduled",
        FindingKind.Assembled => "assembled",
        _ => "unplaced",
    };
}

/// <summary>What is wrong. The names are part of the JSON report.</summary>
public enum FindingKind
{
    /// <summary>A file of the metadata store is damaged.</summary>
    Metadata,

    /// <summary>A row cannot be read or decoded.</summary>
    Unreadable,

    /// <summary>A row contradicts itself or another row.</summary>
    Inconsistent,

    /// <summary>Data that is referred to does not exist.</summary>
    Missing,

    /// <summary>Data is shorter or longer than what was stored.</summary>
    WrongLength,

    /// <summary>Data does not match its checksum.</summary>
    Damaged,

    /// <summary>A blob is intact, but is not the one that its name says.</summary>
    WrongBlob,

    /// <summary>Data exists that nothing refers to and that is not waiting to be removed.</summary>
    Unreferenced,

    /// <summary>The rows that say who shares data do not fit those who do.</summary>
    References,

    /// <summary>Data is scheduled to be removed although it is in use.</summary>
    Scheduled,

    /// <summary>A rebuild could not make an object of a blob.</summary>
    Unplaced,

    /// <summary>A rebuild made an object of parts. That is no problem, but whether the last of them was the upload's last is not known.</summary>
    Assembled,
}

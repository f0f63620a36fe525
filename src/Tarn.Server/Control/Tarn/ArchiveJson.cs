namespace Tarn.Server.Control.Tarn;

/// <summary>What to put into an archive.</summary>
internal sealed record ArchiveBody
{
    /// <summary>The bucket, or the id of a disk.</summary>
    public required string Bucket { get; init; }

    /// <summary>Keys of objects or files.</summary>
    public IReadOnlyList<string>? Keys { get; init; }

    /// <summary>Beginnings of keys, such as folders: everything below them.</summary>
    public IReadOnlyList<string>? Prefixes { get; init; }
}

/// <summary>An archive that can be fetched.</summary>
/// <param name="Id">For GET /api/archives/{id}, once, within ten minutes.</param>
/// <param name="Objects">How many objects it will have.</param>
/// <param name="Bytes">Their length together, now.</param>
/// <param name="RefusedCount">How many keys and prefixes are left out.</param>
/// <param name="Refused">The first 100 of those.</param>
internal sealed record ArchiveView(string Id, int Objects, long Bytes, int RefusedCount, IReadOnlyList<RefusedKeyView> Refused) : IIdentified
{
    string IIdentified.Identity => Id;
}

/// <summary>A key, or a prefix, that is left out.</summary>
/// <param name="Key">The key, or the prefix.</param>
/// <param name="Reason">Why.</param>
internal sealed record RefusedKeyView(string Key, string Reason);

using Tarn.Core.Model;

namespace Tarn.Core.Lifecycle;

/// <summary>One version of a key, as far as lifecycle rules ask.</summary>
public sealed record LifecycleVersion
{
    /// <summary>Identifies the exact state of the version to the code that acts on it; opaque here.</summary>
    public required object Token { get; init; }

    /// <summary>Whether it is the newest version of its key.</summary>
    public bool IsLatest { get; init; } = true;

    /// <summary>A delete marker has no size and no tags.</summary>
    public bool IsDeleteMarker { get; init; }

    public required DateTimeOffset LastModified { get; init; }

    /// <summary>When its successor came; null for the newest.</summary>
    public DateTimeOffset? NoncurrentSince { get; init; }

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    public TagSet Tags { get; init; } = TagSet.Empty;
}

/// <summary>What becomes of one version.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Version">With which version, in exactly this state.</param>
/// <param name="RuleId">The rule that says so.</param>
/// <param name="Keep">How many of the key's newest noncurrent versions must still be there for it to be right.</param>
public sealed record LifecycleAction(LifecycleActionKind Kind, LifecycleVersion Version, string RuleId, int Keep = 0);

/// <summary>What a lifecycle rule does to a version.</summary>
public enum LifecycleActionKind
{
    /// <summary>Hides the newest version behind a delete marker; where versions were never kept, deletes it.</summary>
    ExpireCurrent,

    /// <summary>Deletes a noncurrent version for good.</summary>
    DeleteVersion,

    /// <summary>Removes a delete marker that is its key's only version.</summary>
    RemoveExpiredDeleteMarker,
}

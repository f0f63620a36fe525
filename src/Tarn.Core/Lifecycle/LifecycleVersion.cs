using Tarn.Core.Model;

namespace Tarn.Core.Lifecycle;

/// <summary>The properties of a version that lifecycle rules depend on.</summary>
public sealed record LifecycleVersion
{
    /// <summary>Identifies the exact state of the version to the code that acts on it; opaque to the planner.</summary>
    public required object Token { get; init; }

    /// <summary>Whether it is the newest version of its key.</summary>
    public bool IsLatest { get; init; } = true;

    /// <summary>Whether it is a delete marker, which has no size and no tags.</summary>
    public bool IsDeleteMarker { get; init; }

    /// <summary>When the version was written.</summary>
    public required DateTimeOffset LastModified { get; init; }

    /// <summary>When its successor was written; null for the newest.</summary>
    public DateTimeOffset? NoncurrentSince { get; init; }

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>The version's tags.</summary>
    public TagSet Tags { get; init; } = TagSet.Empty;
}

/// <summary>A planned action on one version.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Version">The version to act on, in exactly this state.</param>
/// <param name="RuleId">The id of the rule that requires it.</param>
/// <param name="Keep">How many of the key's newest noncurrent versions must still exist for the action to be valid.</param>
public sealed record LifecycleAction(LifecycleActionKind Kind, LifecycleVersion Version, string RuleId, int Keep = 0);

/// <summary>What a lifecycle rule does to a version.</summary>
public enum LifecycleActionKind
{
    /// <summary>Hides the newest version behind a delete marker; where versions were never kept, deletes it.</summary>
    ExpireCurrent,

    /// <summary>Deletes a noncurrent version permanently.</summary>
    DeleteVersion,

    /// <summary>Removes a delete marker that is its key's only version.</summary>
    RemoveExpiredDeleteMarker,
}

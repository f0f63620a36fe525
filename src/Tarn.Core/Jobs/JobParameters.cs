using Tarn.Core.Model;

namespace Tarn.Core.Jobs;

/// <summary>What a job does with each key. The numbers are persisted.</summary>
public enum JobKind : byte
{
    /// <summary>Deletes the keys that begin with a prefix.</summary>
    Delete = 1,

    /// <summary>Deletes all keys of a bucket.</summary>
    Empty = 2,

    /// <summary>Copies each object to a key with another prefix, or to another bucket.</summary>
    Copy = 3,

    /// <summary>Copies each object, and then deletes the source if it still is the object that was copied.</summary>
    Rename = 4,

    /// <summary>Sets tags.</summary>
    Tag = 5,

    /// <summary>Makes an older version of each key the newest again, by copying it.</summary>
    Restore = 6,
}

/// <summary>What is deleted in a bucket that keeps versions. The numbers are persisted.</summary>
public enum JobVersions : byte
{
    /// <summary>Not said, which only a bucket that never kept versions allows.</summary>
    Unspecified = 0,

    /// <summary>Each object is hidden behind a delete marker, as by DeleteObject without a version.</summary>
    Markers = 1,

    /// <summary>Every version and every delete marker is deleted permanently.</summary>
    All = 2,
}

/// <summary>What a job is asked to do.</summary>
public sealed record JobParameters
{
    /// <summary>What it does.</summary>
    public required JobKind Kind { get; init; }

    /// <summary>The bucket whose keys are walked.</summary>
    public required string Bucket { get; init; }

    /// <summary>The keys that are walked begin with it; empty for all.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>For deletions.</summary>
    public JobVersions Versions { get; init; }

    /// <summary>For copies and renames: the bucket that gets the copies; null for <see cref="Bucket"/>.</summary>
    public string? ToBucket { get; init; }

    /// <summary>For copies and renames: replaces the prefix in the keys of the copies.</summary>
    public string? ToPrefix { get; init; }

    /// <summary>For copies and renames: whether an object that is at the destination is replaced; otherwise the key fails.</summary>
    public bool Overwrite { get; init; }

    /// <summary>For tagging: the tags.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>For tagging: whether the object's other tags stay.</summary>
    public bool Merge { get; init; }

    /// <summary>For restoring: the version that was the newest then is restored; null: that which the delete markers hide.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Whether nothing is changed: what would be done, and what would be denied, is counted.</summary>
    public bool DryRun { get; init; }

    /// <summary>The bucket that gets copies.</summary>
    public string Destination => ToBucket ?? Bucket;

    /// <summary>Whether it deletes what it walks.</summary>
    public bool Deletes => Kind is JobKind.Delete or JobKind.Empty;

    /// <summary>Whether it makes copies under other keys.</summary>
    public bool Copies => Kind is JobKind.Copy or JobKind.Rename;

    /// <summary>Whether every version is an item of its own.</summary>
    public bool WalksVersions => Deletes && Versions == JobVersions.All;

    /// <summary>Whether copies go to the bucket that is walked.</summary>
    public bool StaysInBucket => Destination == Bucket;

    /// <summary>Whether both ask for the same.</summary>
    public static bool AreSame(JobParameters one, JobParameters other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return one with { Tags = [] } == other with { Tags = [] }
            && one.Tags.OrderBy(static tag => tag.Key, StringComparer.Ordinal).SequenceEqual(other.Tags.OrderBy(static tag => tag.Key, StringComparer.Ordinal));
    }

    /// <summary>The key of the copy of an object.</summary>
    /// <returns>False when the key would be empty or too long.</returns>
    public bool TryDestinationOf(ObjectKey source, out ObjectKey destination)
    {
        int prefix = System.Text.Encoding.UTF8.GetByteCount(Prefix);
        return ObjectKey.TryCreate(ToPrefix + System.Text.Encoding.UTF8.GetString(source.Utf8.AsSpan(prefix)), out destination);
    }
}

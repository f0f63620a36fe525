using Tarn.Core.Model;

namespace Tarn.Core.Lifecycle;

/// <summary>
/// Decides what lifecycle rules do, and when: a pure function of the rules, the versions and the time.
/// Source: Amazon S3 User Guide, "Expiring objects", "Lifecycle configuration elements" and "How Amazon S3 handles conflicts in
/// lifecycle configurations" (the earliest of several rules wins).
/// </summary>
public sealed class LifecyclePlanner
{
    private readonly LifecycleDay _day;
    private readonly LifecycleRule[] _rules;

    /// <summary>Prepares the rules that are enabled.</summary>
    public LifecyclePlanner(LifecycleConfiguration configuration, LifecycleDay day)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _day = day;
        _rules = [.. configuration.Rules.Where(static rule => rule.Enabled)];
        Scope = new LifecycleScope(_rules.Select(static rule => rule.Filter));
        ActsOnNoncurrent = _rules.Any(static rule => rule.NoncurrentExpiration is not null);
        ActsOnUploads = _rules.Any(static rule => rule.AbortUploadDays is not null);
        Witnesses = _rules.Max(static rule => rule.NoncurrentExpiration?.Keep) ?? 0;
    }

    /// <summary>How the planner counts days.</summary>
    public LifecycleDay Day => _day;

    /// <summary>The keys to which a rule could apply.</summary>
    internal LifecycleScope Scope { get; }

    /// <summary>Whether a rule acts on noncurrent versions.</summary>
    internal bool ActsOnNoncurrent { get; }

    /// <summary>Whether a rule acts on uploads.</summary>
    internal bool ActsOnUploads { get; }

    /// <summary>How many of a key's newest noncurrent versions a deletion may depend on.</summary>
    internal int Witnesses { get; }

    /// <summary>Plans actions for all versions of a key.</summary>
    /// <param name="key">The key's UTF-8.</param>
    /// <param name="versions">The versions, newest first.</param>
    /// <param name="versioning">Whether the bucket keeps versions.</param>
    /// <param name="now">The current time.</param>
    public IReadOnlyList<LifecycleAction> Plan(
        ReadOnlySpan<byte> key, IReadOnlyList<LifecycleVersion> versions, VersioningState versioning, DateTimeOffset now)
    {
        var actions = new List<LifecycleAction>();
        for (int i = 0; i < versions.Count; i++)
        {
            LifecycleAction? action = i == 0
                ? PlanLatest(key, versions[0], versions.Count > 1, now)
                : versioning == VersioningState.Never ? null : PlanNoncurrent(key, versions[i], i - 1, now);
            if (action is not null)
            {
                actions.Add(action);
            }
        }

        return actions;
    }

    /// <summary>Plans the action for the newest version of a key; null when nothing is due.</summary>
    /// <param name="hasOlder">Whether the key has other versions.</param>
    internal LifecycleAction? PlanLatest(ReadOnlySpan<byte> key, LifecycleVersion version, bool hasOlder, DateTimeOffset now)
    {
        if (version.IsDeleteMarker)
        {
            return !hasOlder && MarkerExpiration(key, version) is var (markerDue, markerRule) && markerDue <= now
                ? new LifecycleAction(LifecycleActionKind.RemoveExpiredDeleteMarker, version, markerRule)
                : null;
        }

        return ExpirationOf(key, version) is var (due, rule) && due <= now
            ? new LifecycleAction(LifecycleActionKind.ExpireCurrent, version, rule)
            : null;
    }

    /// <summary>Plans the action for a noncurrent version; null when nothing is due.</summary>
    /// <param name="newerNoncurrent">How many noncurrent versions of the key are newer.</param>
    internal LifecycleAction? PlanNoncurrent(ReadOnlySpan<byte> key, LifecycleVersion version, int newerNoncurrent, DateTimeOffset now)
    {
        (DateTimeOffset Due, string RuleId)? earliest = null;
        int keep = int.MaxValue;
        foreach (LifecycleRule rule in _rules)
        {
            if (rule.NoncurrentExpiration is { } expiration
                && newerNoncurrent >= (expiration.Keep ?? 0)
                && rule.Filter.Matches(key, version.Size, version.Tags))
            {
                DateTimeOffset due = _day.After(version.NoncurrentSince ?? version.LastModified, expiration.Days);
                Take(ref earliest, due, rule);
                if (due <= now)
                {
                    // Of the rules that are due, the one that keeps the fewest versions suffices.
                    keep = Math.Min(keep, expiration.Keep ?? 0);
                }
            }
        }

        return earliest is var (time, ruleId) && time <= now
            ? new LifecycleAction(LifecycleActionKind.DeleteVersion, version, ruleId, keep)
            : null;
    }

    /// <summary>Returns when an object expires, for <c>x-amz-expiration</c>; null for never, for noncurrent versions and for delete markers.</summary>
    public (DateTimeOffset Due, string RuleId)? ExpirationOf(ReadOnlySpan<byte> key, LifecycleVersion version)
    {
        if (!version.IsLatest || version.IsDeleteMarker)
        {
            return null;
        }

        (DateTimeOffset Due, string RuleId)? earliest = null;
        foreach (LifecycleRule rule in _rules)
        {
            if (DueOf(rule.Expiration, version) is { } due && rule.Filter.Matches(key, version.Size, version.Tags))
            {
                Take(ref earliest, due, rule);
            }
        }

        return earliest;
    }

    /// <summary>Returns when an upload in progress is aborted, for <c>x-amz-abort-date</c> and <c>x-amz-abort-rule-id</c>; null for never.</summary>
    public (DateTimeOffset Due, string RuleId)? AbortOf(ReadOnlySpan<byte> key, DateTimeOffset initiated)
    {
        (DateTimeOffset Due, string RuleId)? earliest = null;
        foreach (LifecycleRule rule in _rules)
        {
            if (rule.AbortUploadDays is { } days && rule.Filter.MatchesKey(key))
            {
                Take(ref earliest, _day.After(initiated, days), rule);
            }
        }

        return earliest;
    }

    /// <summary>
    /// A delete marker that is its key's only version is removed at once by ExpiredObjectDeleteMarker, and by Days or Date when an
    /// object would expire. Having no tags, it matches no rule with tags.
    /// </summary>
    private (DateTimeOffset Due, string RuleId)? MarkerExpiration(ReadOnlySpan<byte> key, LifecycleVersion marker)
    {
        (DateTimeOffset Due, string RuleId)? earliest = null;
        foreach (LifecycleRule rule in _rules)
        {
            DateTimeOffset? due = rule.Expiration?.ExpiredObjectDeleteMarker == true ? marker.LastModified : DueOf(rule.Expiration, marker);
            if (due is { } time && rule.Filter.Matches(key, 0, TagSet.Empty))
            {
                Take(ref earliest, time, rule);
            }
        }

        return earliest;
    }

    private DateTimeOffset? DueOf(LifecycleExpiration? expiration, LifecycleVersion version) =>
        expiration?.Days is { } days ? _day.After(version.LastModified, days) : expiration?.Date;

    /// <summary>Of rules due at the same time, the first in the configuration is reported.</summary>
    private static void Take(ref (DateTimeOffset Due, string RuleId)? earliest, DateTimeOffset due, LifecycleRule rule)
    {
        if (earliest is null || due < earliest.Value.Due)
        {
            earliest = (due, rule.Id);
        }
    }
}

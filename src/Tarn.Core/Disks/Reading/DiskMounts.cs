using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Mounts;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Disks.Reading;

/// <summary>A change of a disk's file systems that is reported.</summary>
public enum MountNotice
{
    /// <summary>They are not the expected ones: the disk is not served.</summary>
    NotServed,

    /// <summary>They are the expected ones again.</summary>
    ServedAgain,

    /// <summary>New ones were seen, and are expected from now on.</summary>
    Learned,

    /// <summary>They could not be recorded.</summary>
    NotNoted,
}

/// <summary>
/// Opens trees of disks, but only while the expected file systems are mounted. An unmounted mount point is an empty directory: served, it would
/// make a client that mirrors the disk delete its copy.
/// </summary>
/// <param name="told">Called once for each change, with what was seen; from any thread.</param>
internal sealed class DiskMounts(DiskCatalog catalog, Action<Disk, MountNotice, string>? told)
{
    private static readonly ObservableCounter<long> Refused = CoreTelemetry.Meter.CreateObservableCounter(
        "tarn.disk.refused",
        static () => Interlocked.Read(ref _refusals),
        unit: "{request}",
        description: "Requests refused because the tree of their disk is missing, or is not what was attached.");

    private static long _refusals;

    /// <summary>How often a read is repeated because something was mounted or unmounted meanwhile.</summary>
    public const int MaxTries = 3;

    private readonly ConcurrentDictionary<DiskId, Verified> _verified = new();
    private readonly ConcurrentDictionary<DiskId, string> _refused = new();
    private readonly ConcurrentDictionary<DiskId, bool> _notNoted = new();

    /// <summary>Publishes the counter before its first count, so that it can be monitored.</summary>
    public static void ShowRefused() => GC.KeepAlive(Refused);

    private MountSurvey Survey => catalog.Mounts;

    /// <summary>Opens a disk's tree.</summary>
    /// <exception cref="S3Exception">ServiceUnavailable: it is missing, or not what was attached. SlowDown, NotImplemented.</exception>
    public async ValueTask<WatchedTree> OpenAsync(Disk disk, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenServedAsync(disk, cancellationToken);
        }
        catch (S3Exception e) when (e.Error == S3Error.ServiceUnavailable)
        {
            Interlocked.Increment(ref _refusals);
            throw;
        }
    }

    /// <summary>Accepts what is mounted now as expected; null when the disk is gone.</summary>
    /// <exception cref="S3Exception">ServiceUnavailable: there is no tree.</exception>
    public async ValueTask<Disk?> AcceptAsync(Disk disk, CancellationToken cancellationToken)
    {
        List<MountMark> marks = Survey.Take(disk.RootPath, disk.IsAttached);
        Disk? changed = await catalog.SetMountsAsync(disk.Id, marks, cancellationToken);
        if (_refused.TryRemove(disk.Id, out _))
        {
            told?.Invoke(disk, MountNotice.ServedAgain, Text(marks));
        }

        return changed;
    }

    /// <summary>Opens a disk's tree for work that no request asked for: a refusal is not counted.</summary>
    /// <exception cref="S3Exception">As <see cref="OpenAsync"/>.</exception>
    public async ValueTask<WatchedTree> OpenServedAsync(Disk disk, CancellationToken cancellationToken)
    {
        (DiskTree tree, MountList list) = Survey.Open(disk.RootPath, disk.IsAttached);
        try
        {
            var watched = new WatchedTree(tree, disk, list, await VerifyAsync(disk, tree, list, cancellationToken), Survey);
            tree = null!;
            return watched;
        }
        finally
        {
            tree?.Dispose();
        }
    }

    private async ValueTask<IReadOnlyList<MountEntry>> VerifyAsync(Disk disk, DiskTree tree, MountList list, CancellationToken cancellationToken)
    {
        Verified? known = _verified.GetValueOrDefault(disk.Id);
        if (known is not null && ReferenceEquals(known.List, list) && known.Row.AsSpan().SequenceEqual(disk.Bytes))
        {
            return known.Seen;
        }

        // Checked even if the lines are the same as before: the kernel reuses the id of a mount that is gone.
        IReadOnlyList<MountEntry> seen = MountSurvey.Seen(list, disk.RootPath, disk.IsAttached, out string real);
        List<MountMark> now = Survey.Mark(tree, real, seen);
        ThrowIfDifferent(disk, now);
        if (await LearnAsync(disk, now, cancellationToken))
        {
            _verified[disk.Id] = new Verified(disk.Bytes, list, seen);
        }

        return seen;
    }

    /// <summary>Throws when an expected file system is missing or another one is in its place.</summary>
    private void ThrowIfDifferent(Disk disk, List<MountMark> now)
    {
        foreach (MountMark mark in disk.Record.Mounts)
        {
            MountMark? there = now.Find(other => other.Path == mark.Path);
            if (there is not null && mark.IsSameAs(there))
            {
                continue;
            }

            string place = mark.Path.Length == 0 ? disk.RootPath : $"{disk.RootPath.TrimEnd('/')}/{mark.Path}";
            string text = $"{place} was {mark}; it is {there?.ToString() ?? "no mount"} now";
            if (!_refused.TryGetValue(disk.Id, out string? before) || before != text)
            {
                _refused[disk.Id] = text;
                told?.Invoke(disk, MountNotice.NotServed, text);
            }

            throw new S3Exception(S3Error.ServiceUnavailable, "The disk's directory is not what was attached: a file system may be unmounted.");
        }

        if (_refused.TryRemove(disk.Id, out _))
        {
            told?.Invoke(disk, MountNotice.ServedAgain, Text(now));
        }
    }

    /// <summary>
    /// Records file systems that are not expected yet: all of them at first, later those mounted below the root since. False when that must be
    /// retried.
    /// </summary>
    private async ValueTask<bool> LearnAsync(Disk disk, List<MountMark> now, CancellationToken cancellationToken)
    {
        List<MountMark> added = now.FindAll(mark => !disk.Record.Mounts.Any(known => known.Path == mark.Path));
        if (added.Count == 0)
        {
            return true;
        }

        try
        {
            if (await catalog.AddMountsAsync(disk, added, cancellationToken))
            {
                _notNoted.TryRemove(disk.Id, out _);
                told?.Invoke(disk, MountNotice.Learned, Text(added));
            }
        }
        catch (IOException e)
        {
            // The metadata store is full or has failed. The tree is the expected one and can be read; the next request tries again.
            if (_notNoted.TryAdd(disk.Id, true))
            {
                told?.Invoke(disk, MountNotice.NotNoted, e.Message);
            }
        }

        return false;
    }

    private static string Text(List<MountMark> marks) => string.Join("; ", marks.Select(mark => mark.ToString()));

    /// <param name="Row">The disk's row then.</param>
    private sealed record Verified(byte[] Row, MountList List, IReadOnlyList<MountEntry> Seen);
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Mounts;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Disks.Reading;

/// <summary>What is told of the file systems of a disk.</summary>
public enum MountNotice
{
    /// <summary>They are not those that the disk was attached with: it is not served.</summary>
    NotServed,

    /// <summary>They are again.</summary>
    ServedAgain,

    /// <summary>Some were seen for the first time, and are expected from now on.</summary>
    Learned,

    /// <summary>They could not be noted.</summary>
    NotNoted,
}

/// <summary>
/// Opens trees of disks, and only while they are what was attached. The directory that a file system is mounted on is there without it, and
/// empty: served, it would make a client that mirrors the disk delete its copy.
/// </summary>
/// <param name="told">Told of each change once, with what was seen; from any thread.</param>
internal sealed class DiskMounts(DiskCatalog catalog, Action<Disk, MountNotice, string>? told)
{
    private static readonly ObservableCounter<long> Refused = CoreTelemetry.Meter.CreateObservableCounter(
        "tarn.disk.refused",
        static () => Interlocked.Read(ref _refusals),
        unit: "{request}",
        description: "Requests refused because the tree of their disk is not there, or is not what was attached.");

    private static long _refusals;

    /// <summary>How often something is read anew because something was mounted or unmounted meanwhile.</summary>
    public const int MaxTries = 3;

    private readonly ConcurrentDictionary<DiskId, Verified> _verified = new();
    private readonly ConcurrentDictionary<DiskId, string> _refused = new();
    private readonly ConcurrentDictionary<DiskId, bool> _notNoted = new();

    /// <summary>Shows the counter at what it is: one that is not seen until it counts cannot be watched.</summary>
    public static void ShowRefused() => GC.KeepAlive(Refused);

    private MountSurvey Survey => catalog.Mounts;

    /// <summary>Opens a disk's tree.</summary>
    /// <exception cref="S3Exception">ServiceUnavailable: it is not there, or not what was attached. SlowDown, NotImplemented.</exception>
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

    /// <summary>Takes what is mounted now for the disk's; null when the disk is gone.</summary>
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

    private async ValueTask<WatchedTree> OpenServedAsync(Disk disk, CancellationToken cancellationToken)
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

        // Also where the lines are those of before: the kernel gives the id of a mount that is gone to the next one.
        IReadOnlyList<MountEntry> seen = MountSurvey.Seen(list, disk.RootPath, disk.IsAttached, out string real);
        List<MountMark> now = Survey.Mark(tree, real, seen);
        ThrowIfDifferent(disk, now);
        if (await LearnAsync(disk, now, cancellationToken))
        {
            _verified[disk.Id] = new Verified(disk.Bytes, list, seen);
        }

        return seen;
    }

    /// <summary>Refuses a tree one of whose file systems is missing or another.</summary>
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

            throw new S3Exception(S3Error.ServiceUnavailable, "What the disk shows is not what was attached: a file system may not be mounted.");
        }

        if (_refused.TryRemove(disk.Id, out _))
        {
            told?.Invoke(disk, MountNotice.ServedAgain, Text(now));
        }
    }

    /// <summary>Notes what is not expected yet: all of it for a disk of before, later what was mounted below the root since. False when that must wait.</summary>
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
            // The metadata store is full or has failed. What is there is what was attached, and can be read; the next request tries again.
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

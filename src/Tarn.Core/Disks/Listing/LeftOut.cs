using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Disks.Listing;

/// <summary>Why an existing file or directory is not in a listing.</summary>
public enum LeftOutReason
{
    /// <summary>A name that is not UTF-8: no XML document can hold it.</summary>
    Encoding,

    /// <summary>A name with a character that XML 1.0 lacks, in a listing that did not ask for <c>encoding-type=url</c>.</summary>
    Characters,

    /// <summary>A path longer than <see cref="DiskPath.MaxLength"/>, or a name in it of more than 255 bytes.</summary>
    Length,

    /// <summary>A directory or file that the server's user may not read.</summary>
    Permission,

    /// <summary>A link to a directory that contains the link.</summary>
    Cycle,
}

/// <summary>Counts what listings leave out, and reports the first of each kind on each disk.</summary>
/// <param name="first">Called once for each disk and reason, with the path; from any thread.</param>
internal sealed class LeftOut(Action<Disk, LeftOutReason, string>? first)
{
    private static readonly Counter<long> Count = CoreTelemetry.Meter.CreateCounter<long>(
        "tarn.disk.left_out", unit: "{name}", description: "Names that a listing of a disk came upon and left out, by reason.");

    private static readonly string[] Tags = ["encoding", "characters", "length", "permission", "cycle"];

    private readonly ConcurrentDictionary<(DiskId, LeftOutReason), bool> _told = new();

    public void Add(Disk disk, LeftOutReason reason, ReadOnlySpan<byte> path)
    {
        Count.Add(1, new KeyValuePair<string, object?>("reason", Tags[(int)reason]));
        if (first is not null && _told.TryAdd((disk.Id, reason), true))
        {
            first(disk, reason, System.Text.Encoding.UTF8.GetString(path));
        }
    }
}

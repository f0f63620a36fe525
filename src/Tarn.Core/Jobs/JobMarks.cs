using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Jobs;

/// <summary>
/// The marks that an interrupted job left: the keys behind its cursor that it had done. They may not be listed any more, and new keys may be listed between them, so each is kept
/// until the cursor has passed its key.
/// </summary>
public sealed class JobMarks
{
    private readonly Dictionary<byte[], PassedMark> _marks;

    private JobMarks(Dictionary<byte[], PassedMark> marks) => _marks = marks;

    internal static async ValueTask<JobMarks> LoadAsync(IKeyValueStore store, Id128 job, CancellationToken cancellationToken)
    {
        var marks = new Dictionary<byte[], PassedMark>(ByteStringComparer.Instance);
        byte[] prefix = Tables.JobKeysOf(job, Tables.JobMarkKind);
        await foreach (KeyValueEntry row in store.AllAsync(prefix, KeyCodec.PrefixEnd(prefix), 500, cancellationToken))
        {
            var key = ObjectKey.FromUtf8(KeyCodec.Read(row.Key.AsSpan(prefix.Length)).Terminated());
            marks[row.Key] = new PassedMark(row.Key, key, Rows.Decode(row.Key, row.Value, JobMark.Decode));
        }

        return new JobMarks(marks);
    }

    /// <summary>The mark of an item; null when nothing is done with it.</summary>
    public JobMark? Find(Job job, JobItem item)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(item);
        return _marks.Count == 0 ? null : _marks.GetValueOrDefault(item.MarkKey(job.Id))?.Mark;
    }

    /// <summary>Takes those out that a page leaves behind, or with null all that are left.</summary>
    public IReadOnlyList<PassedMark> Take(JobPage? page)
    {
        PassedMark[] passed = [.. _marks.Values.Where(mark => page is null || mark.IsWithin(page))];
        foreach (PassedMark mark in passed)
        {
            _marks.Remove(mark.Row);
        }

        return passed;
    }
}

/// <summary>The mark of a key that the cursor passes.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Key">The key.</param>
/// <param name="Mark">The mark.</param>
public sealed record PassedMark(byte[] Row, ObjectKey Key, JobMark Mark)
{
    /// <summary>Whether it is that of one of some items.</summary>
    public bool IsOfAny(Job job, IEnumerable<JobItem> items)
    {
        ArgumentNullException.ThrowIfNull(job);
        return items.Any(item => item.MarkKey(job.Id).AsSpan().SequenceEqual(Row));
    }

    /// <summary>Whether its key is within a page, where an item would be of it if the key were listed still.</summary>
    public bool IsWithin(JobPage page)
    {
        ArgumentNullException.ThrowIfNull(page);
        return page.IsLast || Key.Utf8.AsSpan().SequenceCompareTo(page.AfterKey) <= 0;
    }
}

namespace Tarn.Core.Logging;

/// <summary>The lines of a segment that go into one object.</summary>
/// <param name="Place">The number of their destination in the segment, and the day of their partition.</param>
/// <param name="Lines">The lines, in their order.</param>
internal sealed record LogObject((int Number, int Partition) Place, IReadOnlyList<SegmentLines> Lines)
{
    public LogDestination Destination => Lines[0].Destination;

    /// <summary>How many lines.</summary>
    public long Count => Lines.Sum(static it => (long)it.Count);

    /// <summary>The objects of a segment.</summary>
    public static IEnumerable<LogObject> Of(IEnumerable<SegmentLines> lines) => lines
        .GroupBy(static it => (it.Number, LogObjectKey.Partition(it.Destination.Logging.Format, it.Day)))
        .Select(static it => new LogObject(it.Key, [.. it]));

    /// <summary>The content of the object.</summary>
    public byte[] Join()
    {
        byte[] joined = new byte[Lines.Sum(static it => it.Text.Length)];
        int at = 0;
        foreach (SegmentLines part in Lines)
        {
            part.Text.CopyTo(joined.AsMemory(at));
            at += part.Text.Length;
        }

        return joined;
    }
}

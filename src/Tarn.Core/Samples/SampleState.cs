using Tarn.Core.Records;

namespace Tarn.Core.Samples;

/// <summary>
/// Of which hours and days there are samples, in the order in which they were begun. What is kept is counted by it and not by the clock, which may be wrong: a sample goes when so
/// many others have come after it.
/// </summary>
/// <param name="Hours">The hours, the first one begun first.</param>
/// <param name="Days">The days.</param>
internal sealed record SampleState(uint[] Hours, uint[] Days)
{
    private const byte Marker = 1;

    public byte[] Encode()
    {
        var writer = new RecordWriter(Marker);
        foreach (uint hour in Hours)
        {
            writer.Number(1, (ulong)hour);
        }

        foreach (uint day in Days)
        {
            writer.Number(2, (ulong)day);
        }

        return writer.ToArray();
    }

    public static SampleState Decode(ReadOnlySpan<byte> bytes)
    {
        List<uint> hours = [], days = [];
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            if (reader.Field is 1 or 2)
            {
                (reader.Field == 1 ? hours : days).Add((uint)reader.Int32);
            }
        }

        return new SampleState([.. hours], [.. days]);
    }

    /// <summary>With an hour and its day, as the last ones unless they are there already.</summary>
    public SampleState With(uint hour, uint day) =>
        new(Hours.Contains(hour) ? Hours : [.. Hours, hour], Days.Contains(day) ? Days : [.. Days, day]);

    /// <summary>What is more than is kept: the first ones.</summary>
    public SampleState Excess => new(Hours[..^Math.Min(Hours.Length, SampleStep.Hour.Kept)], Days[..^Math.Min(Days.Length, SampleStep.Day.Kept)]);

    /// <summary>Without what is more than is kept.</summary>
    public SampleState WithoutExcess => new([.. Hours.TakeLast(SampleStep.Hour.Kept)], [.. Days.TakeLast(SampleStep.Day.Kept)]);

    /// <summary>Whether there is nothing in it.</summary>
    public bool IsEmpty => Hours.Length == 0 && Days.Length == 0;
}

using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Lifecycle;

/// <summary>The persisted form of a lifecycle configuration.</summary>
internal static class LifecycleCodec
{
    private const byte Marker = 1;

    // Optional numbers that may be 0 are stored incremented by one, because a field that is 0 is not written.
    public static byte[] Encode(LifecycleConfiguration configuration)
    {
        RecordWriter writer = new RecordWriter(Marker).Number(1, (ulong)configuration.Minimum);
        foreach (LifecycleRule rule in configuration.Rules)
        {
            writer.Nested(2, w => Write(w, rule));
        }

        return writer.ToArray();
    }

    public static (List<LifecycleRule> Rules, TransitionMinimum Minimum) Decode(byte[] bytes)
    {
        List<LifecycleRule> rules = [];
        TransitionMinimum minimum = default;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: minimum = (TransitionMinimum)reader.Number; break;
                case 2: rules.Add(ReadRule(reader.Nested())); break;
            }
        }

        return (rules, minimum);
    }

    private static void Write(RecordWriter writer, LifecycleRule rule)
    {
        LifecycleFilter filter = rule.Filter;
        writer.Text(1, rule.Id)
            .Number(2, rule.Enabled ? 0UL : 1UL)
            .Number(3, (ulong)filter.Form)
            .Text(4, filter.Prefix);
        filter.Tags.Write(writer, 5);
        writer.Number(6, OneMore(filter.SizeGreaterThan)).Number(7, OneMore(filter.SizeLessThan));
        if (rule.Expiration is { } expiration)
        {
            writer.Number(8, (long)(expiration.Days ?? 0));
            if (expiration.Date is { } date)
            {
                // Days since the first day of the calendar, because dates before 1970 are accepted.
                writer.Number(9, OneMore(date.UtcTicks / TimeSpan.TicksPerDay));
            }

            writer.Number(10, expiration.ExpiredObjectDeleteMarker switch { null => 0UL, false => 1UL, true => 2UL });
        }

        if (rule.NoncurrentExpiration is { } noncurrent)
        {
            writer.Number(11, (long)noncurrent.Days).Number(12, (long)(noncurrent.Keep ?? 0));
        }

        writer.Number(13, (long)(rule.AbortUploadDays ?? 0));
    }

    private static LifecycleRule ReadRule(RecordReader reader)
    {
        string id = "";
        bool enabled = true;
        var filter = new LifecycleFilter();
        List<KeyValuePair<string, string>> tags = [];
        LifecycleExpiration? expiration = null;
        int noncurrentDays = 0;
        int? keep = null;
        int? abort = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.Text; break;
                case 2: enabled = reader.Number == 0; break;
                case 3: filter = filter with { Form = (LifecycleFilterForm)reader.Number }; break;
                case 4: filter = filter with { Prefix = reader.Text }; break;
                case 5: tags.Add(TagSetCodec.ReadPair(reader.Nested())); break;
                case 6: filter = filter with { SizeGreaterThan = reader.Signed - 1 }; break;
                case 7: filter = filter with { SizeLessThan = reader.Signed - 1 }; break;
                case 8: expiration = new(checked((int)reader.Number)); break;
                case 9: expiration = new(null, new DateTimeOffset((reader.Signed - 1) * TimeSpan.TicksPerDay, TimeSpan.Zero)); break;
                case 10: expiration = new(null, null, reader.Number == 2); break;
                case 11: noncurrentDays = checked((int)reader.Number); break;
                case 12: keep = checked((int)reader.Number); break;
                case 13: abort = checked((int)reader.Number); break;
            }
        }

        return new LifecycleRule
        {
            Id = id,
            Enabled = enabled,
            Filter = filter with { Tags = TagSet.FromStorage(tags) },
            Expiration = expiration,
            NoncurrentExpiration = noncurrentDays == 0 ? null : new NoncurrentExpiration(noncurrentDays, keep),
            AbortUploadDays = abort,
        };
    }

    private static long OneMore(long? value) => value is { } given ? given + 1 : 0;
}

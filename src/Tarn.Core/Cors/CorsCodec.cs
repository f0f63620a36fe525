using Tarn.Core.Records;

namespace Tarn.Core.Cors;

/// <summary>The persisted form of a bucket's cross-origin rules.</summary>
internal static class CorsCodec
{
    private const byte Marker = 1;

    public static byte[] Encode(IReadOnlyList<CorsRule> rules)
    {
        var writer = new RecordWriter(Marker);
        foreach (CorsRule rule in rules)
        {
            writer.Nested(1, w => Write(w, rule));
        }

        return writer.ToArray();
    }

    /// <exception cref="RecordFormatException">The record is damaged, or was written by a newer build.</exception>
    public static List<CorsRule> Decode(byte[] bytes)
    {
        List<CorsRule> rules = [];
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                rules.Add(ReadRule(reader.Nested()));
            }
        }

        return rules;
    }

    private static void Write(RecordWriter writer, CorsRule rule)
    {
        writer.Text(1, rule.Id);
        Write(writer, 2, rule.AllowedOrigins);
        Write(writer, 3, rule.AllowedMethods);
        Write(writer, 4, rule.AllowedHeaders);
        Write(writer, 5, rule.ExposeHeaders);

        // Stored plus one: a field that is 0 is not written.
        writer.Number(6, rule.MaxAgeSeconds is { } seconds ? seconds + 1L : 0L);
    }

    private static void Write(RecordWriter writer, int field, IReadOnlyList<string> texts)
    {
        foreach (string text in texts)
        {
            writer.Text(field, text);
        }
    }

    private static CorsRule ReadRule(RecordReader reader)
    {
        string? id = null;
        List<string> origins = [], methods = [], headers = [], exposed = [];
        int? maxAge = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.Text; break;
                case 2: origins.Add(reader.Text); break;
                case 3: methods.Add(reader.Text); break;
                case 4: headers.Add(reader.Text); break;
                case 5: exposed.Add(reader.Text); break;
                case 6: maxAge = checked((int)(reader.Signed - 1)); break;
            }
        }

        return new CorsRule
        {
            Id = id, AllowedOrigins = origins, AllowedMethods = methods, AllowedHeaders = headers, ExposeHeaders = exposed, MaxAgeSeconds = maxAge,
        };
    }
}

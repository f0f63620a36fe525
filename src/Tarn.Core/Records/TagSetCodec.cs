using Tarn.Core.Model;

namespace Tarn.Core.Records;

/// <summary>The persisted form of a bucket's tags, and of tags within other configurations of a bucket.</summary>
public static class TagSetCodec
{
    private const byte Marker = 1;

    /// <summary>Encodes tags as a record (docs/design/records.md).</summary>
    public static byte[] Encode(this TagSet tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var writer = new RecordWriter(Marker);
        tags.Write(writer, 1);
        return writer.ToArray();
    }

    /// <summary>Decodes what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="RecordFormatException">The record is damaged, or was written by a newer build.</exception>
    public static TagSet Decode(byte[] bytes)
    {
        List<KeyValuePair<string, string>> pairs = [];
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                pairs.Add(ReadPair(reader.Nested()));
            }
        }

        return TagSet.FromStorage(pairs);
    }

    /// <summary>Writes each tag as one field with this number.</summary>
    internal static void Write(this TagSet tags, RecordWriter writer, int field)
    {
        foreach ((string key, string value) in tags.Pairs)
        {
            writer.Nested(field, w => w.Text(1, key).Text(2, value));
        }
    }

    internal static KeyValuePair<string, string> ReadPair(RecordReader reader)
    {
        string key = "", value = "";
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: key = reader.Text; break;
                case 2: value = reader.Text; break;
            }
        }

        return new(key, value);
    }
}

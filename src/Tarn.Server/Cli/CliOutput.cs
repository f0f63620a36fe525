using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tarn.Server.Cli;

/// <summary>Prints a server's answers, as one JSON document or as text for people.</summary>
internal sealed class CliOutput(TextWriter output, bool isJson)
{
    private static readonly JsonWriterOptions Format = new()
    {
        Indented = true,

        // The output is not embedded in HTML, so the '+' and '/' of secrets need no escape.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Prints one object, a line per member.</summary>
    public void Show(JsonElement data)
    {
        if (isJson)
        {
            Json(writer => data.WriteTo(writer));
            return;
        }

        int width = data.EnumerateObject().Max(member => member.Name.Length);
        foreach (JsonProperty member in data.EnumerateObject())
        {
            output.WriteLine($"{member.Name.PadRight(width)}  {Text(member.Value)}");
        }
    }

    /// <summary>Prints one object: as JSON, or in the text form that the caller gives.</summary>
    public void Show(JsonElement data, Func<JsonElement, string> text)
    {
        if (isJson)
        {
            Json(writer => data.WriteTo(writer));
            return;
        }

        output.Write(text(data));
    }

    /// <summary>Prints a document as JSON, or a text in its place.</summary>
    public void Show(JsonNode document, Func<string> text)
    {
        if (isJson)
        {
            Json(writer => document.WriteTo(writer));
            return;
        }

        output.Write(text());
    }

    /// <summary>Prints one of many objects that come one after the other: as a line of JSON, or as a line in the text form that the caller gives.</summary>
    public void Line(JsonElement data, Func<JsonElement, string> text)
    {
        output.WriteLine(isJson ? data.GetRawText() : text(data));
        output.Flush();
    }

    /// <summary>Prints a table: a line per item, a column per member named.</summary>
    public void List(IReadOnlyList<JsonElement> items, params ReadOnlySpan<string> columns)
    {
        if (isJson)
        {
            Json(writer =>
            {
                writer.WriteStartArray();
                foreach (JsonElement item in items)
                {
                    item.WriteTo(writer);
                }

                writer.WriteEndArray();
            });
            return;
        }

        Table(items, columns);
    }

    /// <summary>Prints a further table under a line of text, for people alone: what has it is in what was printed as JSON.</summary>
    public void Further(string heading, IReadOnlyList<JsonElement> items, params ReadOnlySpan<string> columns)
    {
        if (!isJson)
        {
            output.WriteLine();
            output.WriteLine(heading);
            Table(items, columns);
        }
    }

    private void Table(IReadOnlyList<JsonElement> items, params ReadOnlySpan<string> columns)
    {
        string[][] rows = new string[items.Count + 1][];
        rows[0] = [.. columns.ToArray().Select(Heading)];
        for (int i = 0; i < items.Count; i++)
        {
            rows[i + 1] = new string[columns.Length];
            for (int column = 0; column < columns.Length; column++)
            {
                rows[i + 1][column] = items[i].TryGetProperty(columns[column], out JsonElement value) ? Text(value) : "";
            }
        }

        for (int column = 0; column < columns.Length - 1; column++)
        {
            int at = column, width = rows.Max(row => row[at].Length);
            foreach (string[] row in rows)
            {
                row[at] = row[at].PadRight(width);
            }
        }

        foreach (string[] row in rows)
        {
            output.WriteLine(string.Join("  ", row).TrimEnd());
        }
    }

    /// <summary>Reports what was done to what.</summary>
    public void Done(string what, string subject) => Done(what, subject, []);

    /// <summary>Reports what was done to what, followed by warnings.</summary>
    public void Done(string what, string subject, IReadOnlyList<string> warnings)
    {
        if (!isJson)
        {
            output.WriteLine($"{what} {TerminalText.Of(subject)}");
            foreach (string warning in warnings)
            {
                output.WriteLine($"warning: {TerminalText.Of(warning)}");
            }

            return;
        }

        Json(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString(what, subject);
            if (warnings.Count > 0)
            {
                writer.WriteStartArray("warnings");
                foreach (string warning in warnings)
                {
                    writer.WriteStringValue(warning);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        });
    }

    private void Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Format))
        {
            write(writer);
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TerminalText.Of(value.GetString()!),
        JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            string.Join(',', value.EnumerateArray().Select(item => TerminalText.Of(item.GetString()!))),
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };

    // accessKey becomes ACCESS KEY.
    private static string Heading(string member) =>
        string.Concat(member.Select(c => char.IsUpper(c) ? $" {c}" : char.ToUpperInvariant(c).ToString()));
}

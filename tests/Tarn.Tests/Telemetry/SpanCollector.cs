using System.Buffers.Binary;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tarn.Tests.Telemetry;

/// <summary>A span as a collector receives it.</summary>
internal sealed record ReceivedSpan(string TraceId, string SpanId, string ParentId, string Name, int Kind, string TraceState, IReadOnlyDictionary<string, string> Tags)
{
    public const int Internal = 1;
    public const int Server = 2;
}

/// <summary>A stand-in for a collector: takes OTLP over HTTP, and keeps the spans. Source: opentelemetry-proto, trace.proto.</summary>
internal sealed class SpanCollector(WebApplication app) : IAsyncDisposable
{
    private readonly List<ReceivedSpan> _spans = [];
    private readonly StringBuilder _raw = new();

    public string Url => app.Urls.Single();

    /// <summary>The spans received so far.</summary>
    public IReadOnlyList<ReceivedSpan> Spans
    {
        get
        {
            lock (_spans)
            {
                return [.. _spans];
            }
        }
    }

    /// <summary>All that was received, as Latin-1.</summary>
    public string Raw
    {
        get
        {
            lock (_spans)
            {
                return _raw.ToString();
            }
        }
    }

    /// <param name="answer">Answers each request, whose spans are kept already; null: 200.</param>
    public static async Task<SpanCollector> StartAsync(Func<HttpContext, Task>? answer = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var collector = new SpanCollector(app);
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            if (context.Request.Path == "/v1/traces")
            {
                collector.Take(body.ToArray());
            }

            await (answer?.Invoke(context) ?? Task.CompletedTask);
        });
        await app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private void Take(byte[] export)
    {
        lock (_spans)
        {
            _raw.Append(Encoding.Latin1.GetString(export));
            foreach (Field resource in Fields(export).Where(f => f.Number == 1))
            {
                foreach (Field scope in Fields(resource.Bytes).Where(f => f.Number == 2))
                {
                    _spans.AddRange(Fields(scope.Bytes).Where(f => f.Number == 2).Select(f => Span(f.Bytes)));
                }
            }
        }
    }

    private static ReceivedSpan Span(byte[] bytes)
    {
        Field[] fields = [.. Fields(bytes)];
        return new ReceivedSpan(
            Hex(1), Hex(2), Hex(4), Text(fields, 5), (int)(fields.FirstOrDefault(f => f.Number == 6)?.Value ?? 0), Text(fields, 3),
            fields.Where(f => f.Number == 9).Select(f => Fields(f.Bytes).ToArray()).ToDictionary(pair => Text(pair, 1), pair => Value(pair.Single(f => f.Number == 2).Bytes)));

        string Hex(int number) => Convert.ToHexStringLower(fields.FirstOrDefault(f => f.Number == number)?.Bytes ?? []);
    }

    private static string Value(byte[] any) => Fields(any).FirstOrDefault() switch
    {
        { Number: 1 } text => Encoding.UTF8.GetString(text.Bytes),
        { Number: 4 } number => BitConverter.UInt64BitsToDouble(number.Value).ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        { } other => other.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        null => "",
    };

    private static string Text(Field[] fields, int number) => Encoding.UTF8.GetString(fields.FirstOrDefault(f => f.Number == number)?.Bytes ?? []);

    /// <summary>The fields of a message. Source: Protocol Buffers, "Encoding".</summary>
    private static IEnumerable<Field> Fields(byte[] message)
    {
        for (int at = 0; at < message.Length;)
        {
            ulong tag = Varint(message, ref at);
            int number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    yield return new Field(number, Varint(message, ref at), []);
                    break;
                case 1:
                    yield return new Field(number, BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at)), []);
                    at += 8;
                    break;
                case 2:
                    int length = (int)Varint(message, ref at);
                    yield return new Field(number, 0, message[at..(at + length)]);
                    at += length;
                    break;
                default:
                    yield return new Field(number, BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at)), []);
                    at += 4;
                    break;
            }
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = message[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private sealed record Field(int Number, ulong Value, byte[] Bytes);
}

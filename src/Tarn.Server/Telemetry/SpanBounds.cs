using System.Diagnostics;
using OpenTelemetry;

namespace Tarn.Server.Telemetry;

/// <summary>Bounds what a span takes while it waits to be exported: clients choose the length of paths, of header values and of <c>tracestate</c>.</summary>
internal sealed class SpanBounds : BaseProcessor<Activity>
{
    /// <summary>The maximum length of a text in a span, in characters; longer ones are truncated. The longest key has as many bytes.</summary>
    public const int MaxText = 1024;

    /// <summary>The maximum length of <c>tracestate</c>, in characters; a longer one is left out. Source: W3C Trace Context, section 3.3.1.5.</summary>
    public const int MaxState = 512;

    public override void OnEnd(Activity data)
    {
        if (data.TraceStateString?.Length > MaxState)
        {
            data.TraceStateString = null;
        }

        List<KeyValuePair<string, string>>? cut = null;
        foreach (ref readonly KeyValuePair<string, object?> tag in data.EnumerateTagObjects())
        {
            if (tag.Value is string { Length: > MaxText } text)
            {
                (cut ??= []).Add(new(tag.Key, text[..MaxText]));
            }
        }

        foreach ((string name, string text) in cut ?? [])
        {
            data.SetTag(name, text);
        }
    }
}

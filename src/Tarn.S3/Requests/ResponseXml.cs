using Microsoft.AspNetCore.Http;
using Tarn.Core.Telemetry;
using Tarn.S3.Wire;

namespace Tarn.S3.Requests;

/// <summary>Sends XML answers with their length, from pooled memory.</summary>
internal static class ResponseXml
{
    public static async Task WriteAsync(S3Context context, XmlContent content)
    {
        using var buffer = new PooledBuffer(4096);
        Compose(buffer, content);
        HttpResponse response = context.Response;
        response.ContentType = "application/xml";
        response.ContentLength = buffer.Written.Length;
        using StageTimer timer = RequestTimes.Measure(RequestStage.Send, "send");
        await response.BodyWriter.WriteAsync(buffer.Written, context.CancellationToken);
    }

    private static void Compose(PooledBuffer buffer, XmlContent content)
    {
        var xml = new S3XmlWriter(buffer);
        content(ref xml);
        xml.Flush();
    }
}

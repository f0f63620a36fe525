using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Telemetry;
using Tarn.S3.Requests;
using Tarn.S3.Sts;
using Tarn.S3.Wire;

namespace Tarn.S3.Pipeline;

/// <summary>
/// Writes a refusal as S3's error document. Source: Amazon S3 API Reference, "Error responses".
/// </summary>
internal static class ErrorWriter
{
    /// <summary>Writes the error document; aborts the connection when an answer has already begun, so that it does not look complete.</summary>
    public static async Task WriteAsync(
        S3Request request,
        S3Answer answer,
        S3Error error,
        string? message = null,
        IReadOnlyList<KeyValuePair<string, string>>? details = null,
        IReadOnlyList<KeyValuePair<string, string>>? headers = null)
    {
        bool isSts = StsOperations.Contains(request.Operation);
        error = isSts ? StsErrors.Of(error) : error;
        answer.Refusal = error;
        HttpResponse response = answer.Http;
        if (response.HasStarted)
        {
            request.Http.Abort();
            return;
        }

        if (error.Status == StatusCodes.Status304NotModified)
        {
            // Object headers that the operation has set (ETag, Last-Modified) stay in this answer; its body headers do not.
            response.ContentLength = null;
            response.Headers.ContentType = default;
        }
        else
        {
            answer.Clear();
        }

        response.StatusCode = error.Status;
        foreach ((string name, string value) in headers ?? [])
        {
            response.Headers[name] = value;
        }

        if (error.Status == StatusCodes.Status304NotModified)
        {
            return;
        }

        response.ContentType = isSts ? StsAnswer.MediaType : "application/xml";
        if (HttpMethods.IsHead(request.Method))
        {
            return;
        }

        ArrayBufferWriter<byte> document = isSts
            ? StsAnswer.Refusal(error, message ?? error.Message, request.Id)
            : Compose(request, error, message, details ?? []);
        response.ContentLength = document.WrittenCount;
        using StageTimer timer = RequestTimes.Measure(RequestStage.Send, "send");
        await response.Body.WriteAsync(document.WrittenMemory, request.CancellationToken);
    }

    private static ArrayBufferWriter<byte> Compose(
        S3Request request, S3Error error, string? message, IReadOnlyList<KeyValuePair<string, string>> details)
    {
        var document = new ArrayBufferWriter<byte>(512);
        var xml = new S3XmlWriter(document);
        xml.Start("Error"u8);
        xml.Element("Code"u8, error.Code);
        xml.Element("Message"u8, message ?? error.Message);
        foreach ((string name, string value) in details)
        {
            xml.Element(Encoding.UTF8.GetBytes(name), value.AsSpan());
        }

        xml.Element("Resource"u8, request.Address.RawPath);
        xml.Element("RequestId"u8, request.Id);
        xml.Element("HostId"u8, request.HostId);
        xml.End("Error"u8);
        xml.Flush();
        return document;
    }
}

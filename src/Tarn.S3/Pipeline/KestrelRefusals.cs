using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Errors;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Pipeline;

/// <summary>
/// Gives the requests that Kestrel itself refuses (a NUL in the path, a malformed request line, too many headers) the error
/// document of S3. Kestrel reports them with a diagnostic event just before it sends its own answer, which has no body; the
/// full answer is sent before that one and closes the connection, so that clients do not read the second.
/// </summary>
/// <param name="ids">The ids of the answers.</param>
/// <param name="domains">Find the bucket of a request, as far as it was read.</param>
/// <param name="isS3">Whether a connection with these features belongs to a listener for S3: others keep Kestrel's own answer.</param>
/// <param name="readsAll">Whether a request with these headers is from a page that may read every answer.</param>
internal sealed class KestrelRefusals(RequestIds ids, S3Domains domains, Func<IFeatureCollection, bool> isS3, Func<IHeaderDictionary, bool> readsAll) : IObserver<KeyValuePair<string, object?>>
{
    /// <summary>The name of the diagnostic event to subscribe to.</summary>
    public const string EventName = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key != EventName || value.Value is not IFeatureCollection features || !isS3(features)
            || features.Get<IHttpResponseFeature>() is not { HasStarted: false } response
            || features.Get<IHttpRequestFeature>() is not { } request || request.Protocol.StartsWith("HTTP/2", StringComparison.Ordinal)
            || features.Get<IConnectionTransportFeature>() is not { } connection)
        {
            return;
        }

        string message = features.Get<IBadRequestExceptionFeature>()?.Error?.Message ?? "";
        connection.Transport.Output.Write(Compose(response.StatusCode, message, request));
    }

    public void OnCompleted()
    {
        // The server is stopping; there is nothing to release.
    }

    public void OnError(Exception error)
    {
        // Event sources end without errors.
    }

    private byte[] Compose(int status, string message, IHttpRequestFeature request)
    {
        S3Error error = status switch
        {
            StatusCodes.Status408RequestTimeout => S3Error.RequestTimeout,
            StatusCodes.Status413PayloadTooLarge => S3Error.EntityTooLarge,
            StatusCodes.Status414UriTooLong => S3Error.InvalidUri,
            StatusCodes.Status431RequestHeaderFieldsTooLarge => S3Error.RequestHeaderSectionTooLarge,
            _ when message.StartsWith("Invalid request target", StringComparison.Ordinal) => S3Error.InvalidUri,
            _ => S3Error.InvalidRequest,
        };
        string id = ids.Next();
        using var document = new PooledBuffer(512);
        var xml = new S3XmlWriter(document);
        xml.Start("Error"u8);
        xml.Element("Code"u8, error.Code);
        xml.Element("Message"u8, error == S3Error.InvalidRequest && message.Length > 0 ? message : error.Message);
        xml.Element("Resource"u8, request.RawTarget);
        xml.Element("RequestId"u8, id);
        xml.Element("HostId"u8, ids.HostId);
        xml.End("Error"u8);
        xml.Flush();

        string head = $"HTTP/1.1 {error.Status} {ReasonPhrases.GetReasonPhrase(error.Status)}\r\nServer: Tarn\r\nx-amz-request-id: {id}\r\nx-amz-id-2: {ids.HostId}\r\n"
            + (IsOfDisk(request) ? "Accept-Ranges: bytes\r\n" : "")
            + (readsAll(request.Headers) ? $"Access-Control-Allow-Origin: {request.Headers.Origin}\r\nAccess-Control-Expose-Headers: x-amz-request-id, x-amz-id-2\r\nVary: Origin\r\n" : "")
            + $"Content-Type: application/xml\r\nContent-Length: {document.Written.Length}\r\nConnection: close\r\n\r\n";
        return request.Method != HttpMethods.Head ? [.. Encoding.ASCII.GetBytes(head), .. document.Written.Span] : Encoding.ASCII.GetBytes(head);
    }

    /// <summary>Whether the request is for a disk. A refused request line has no Host header yet, so only its path can show that.</summary>
    private bool IsOfDisk(IHttpRequestFeature request)
    {
        // A malformed address, as most of these are, still has its bucket.
        _ = S3Address.Parse(request.RawTarget, request.Headers.Host, domains, out S3Address address);
        return DiskId.HasShape(address.Bucket);
    }
}

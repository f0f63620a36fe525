using System.Globalization;
using System.Security;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Errors;
using Tarn.S3.Requests;

namespace Tarn.Server.Accelerator.Forwarding;

/// <summary>Answers requests itself, with S3's error document. Source: Amazon S3 API Reference, "Error responses".</summary>
internal sealed class Refuser(RequestIds ids)
{
    /// <summary>Answers that the upstream does not serve the request, and that the client may try again.</summary>
    public Task UnavailableAsync(HttpContext http, RequestOutcome outcome, string message) => WriteAsync(http, outcome, S3Error.ServiceUnavailable, message, retries: true);

    /// <summary>Answers that there is no room for the request.</summary>
    public Task BusyAsync(HttpContext http, RequestOutcome outcome) => WriteAsync(http, outcome, S3Error.SlowDown, S3Error.SlowDown.Message, retries: true);

    /// <summary>Answers that the request is wrong.</summary>
    public Task RefuseAsync(HttpContext http, RequestOutcome outcome, S3Error error, string message) => WriteAsync(http, outcome, error, message, retries: false);

    private async Task WriteAsync(HttpContext http, RequestOutcome outcome, S3Error error, string message, bool retries)
    {
        HttpResponse response = http.Response;
        if (response.HasStarted)
        {
            http.Abort();
            return;
        }

        response.Clear();
        string id = ids.Next();
        (outcome.Status, outcome.RequestId) = (error.Status, id);
        response.StatusCode = error.Status;
        response.ContentType = "application/xml";
        response.Headers["x-amz-request-id"] = id;
        response.Headers["x-amz-id-2"] = ids.HostId;
        response.Headers[Core.Acceleration.AcceleratorHeaders.Cache] = "bypass";
        if (retries)
        {
            response.Headers.RetryAfter = "1";
        }

        string target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        byte[] document = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{error.Code}</Code><Message>{SecurityElement.Escape(message)}</Message><Resource>{SecurityElement.Escape(target.Split('?')[0])}</Resource><RequestId>{id}</RequestId><HostId>{ids.HostId}</HostId></Error>"));
        response.ContentLength = document.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await response.Body.WriteAsync(document, http.RequestAborted);
        }
    }
}

using System.Text.Json;
using Tarn.Core.Telemetry;
using Tarn.S3.Telemetry;
using Tarn.Server.Logging;

namespace Tarn.Server.Requests;

/// <summary>A request that has ended as a line of JSON: what the access log and <c>tarn trace</c> show.</summary>
internal static class RequestLine
{
    /// <summary>All of it, for operators of the server.</summary>
    public static string Of(FinishedRequest request) => JsonLines.Of(request, static (json, it) => Write(json, it, showsKey: true, showsToken: true));

    /// <summary>What an organization may see of a request for its buckets: not the access key of another's user, nor the token of an accelerator.</summary>
    /// <param name="request">The request.</param>
    /// <param name="ownerId">Canonical user id of the organization; null for operators of the server.</param>
    public static string For(FinishedRequest request, string? ownerId) =>
        JsonLines.Of((request, ownerId), static (json, it) => Write(json, it.request, it.ownerId is null || it.ownerId == it.request.Principal?.OwnerId, showsToken: it.ownerId is null));

    private static void Write(Utf8JsonWriter json, FinishedRequest request, bool showsKey, bool showsToken)
    {
        json.WriteString("time", request.Started.UtcDateTime);
        json.Member("requestId", request.RequestId);
        json.WriteString("operation", request.Operation ?? "-");
        json.WriteString("method", request.Method);
        json.Member("bucket", request.Bucket);
        json.Member("key", request.LoggedKey);
        json.WriteNumber("status", request.Status);
        json.Member("error", request.ErrorCode);
        json.Member("remote", request.Remote?.ToString());
        json.Member("requester", request.Principal?.Arn);
        json.Member("accessKey", showsKey ? request.Principal?.AccessKeyId : null);
        json.Member("owner", request.OwnerId);
        json.Member("accelerator", request.Accelerator);
        json.Member("acceleratorToken", showsToken ? request.AcceleratorToken : null);
        if (request.PlannedBytes is { } planned)
        {
            json.WriteBoolean("resolved", true);
            json.WriteNumber("plannedBytes", planned);
        }

        json.WriteNumber("bytesIn", request.BytesIn);
        json.WriteNumber("bytesOut", request.BytesOut);
        json.Milliseconds("milliseconds", request.Total);
        if (request.TimeToFirstByte is { } first)
        {
            json.Milliseconds("firstByteMilliseconds", first);
        }

        if (request.Times is { } times)
        {
            WriteTimes(json, times);
        }

        if (request.Http is { } http)
        {
            WriteHttp(json, http);
        }
    }

    private static void WriteTimes(Utf8JsonWriter json, RequestTimes times)
    {
        json.WriteStartObject("stages");
        for (int i = 0; i < RequestTimes.Stages; i++)
        {
            if (times.Calls((RequestStage)i) > 0)
            {
                json.Milliseconds(StageNames.Of((RequestStage)i), times.Of((RequestStage)i));
            }
        }

        json.WriteEndObject();
    }

    private static void WriteHttp(Utf8JsonWriter json, HttpFacts http)
    {
        json.WriteString("target", http.Target);
        json.WriteString("protocol", http.Protocol);
        json.Member("host", http.Host);
        json.Member("referer", http.Referer);
        json.Member("userAgent", http.UserAgent);
        json.Member("versionId", http.VersionId);
        json.Member("signature", http.SignatureVersion);
        json.Member("authentication", http.Authentication);
        json.Member("tls", http.TlsVersion);
        json.Member("acceleratorTls", http.AcceleratorTlsVersion);
        if (http.IsClientTls is { } isClientTls)
        {
            json.WriteBoolean("clientTls", isClientTls);
        }

        if (http.ObjectSize is { } size)
        {
            json.WriteNumber("objectSize", size);
        }
    }
}

using System.Diagnostics;
using Tarn.Core.Telemetry;

namespace Tarn.S3.Telemetry;

/// <summary>The span of a request, a child of the web server's. Source of the attribute names: OpenTelemetry semantic conventions, "AWS SDK" and "S3".</summary>
internal static class RequestSpan
{
    /// <summary>Starts the span; null when no listener records spans.</summary>
    public static Activity? Start() => S3Telemetry.Activities.StartActivity("S3");

    /// <summary>Sets the outcome of the request, and the time of its stages: of some there are more calls than spans.</summary>
    public static void Describe(Activity? activity, FinishedRequest outcome)
    {
        if (activity is null)
        {
            return;
        }

        if (outcome.Operation is { } operation)
        {
            activity.DisplayName = operation;
            activity.SetTag("rpc.method", operation);
        }

        activity.SetTag("aws.s3.bucket", outcome.Bucket);
        activity.SetTag("aws.s3.key", outcome.LoggedKey);
        activity.SetTag("aws.request_id", outcome.RequestId);
        activity.SetTag("enduser.id", outcome.Principal?.Arn);
        activity.SetTag("http.response.status_code", outcome.Status);
        activity.SetTag("error.type", outcome.ErrorCode);
        activity.SetTag("http.request.body.size", outcome.BytesIn);
        activity.SetTag("http.response.body.size", outcome.BytesOut);
        if (outcome.TimeToFirstByte is { } first)
        {
            activity.SetTag("tarn.time_to_first_byte", first.TotalSeconds);
        }

        if (outcome.Times is { } times)
        {
            foreach (RequestStage stage in Enum.GetValues<RequestStage>())
            {
                if (times.Calls(stage) is > 0 and int calls)
                {
                    string name = StageNames.Of(stage);
                    activity.SetTag($"tarn.{name}.time", times.Of(stage).TotalSeconds);
                    activity.SetTag($"tarn.{name}.calls", calls);
                }
            }
        }

        if (outcome.Status >= 500)
        {
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }
}

using Tarn.Core.Logging;
using Tarn.S3.Telemetry;

namespace Tarn.Server.Requests;

/// <summary>Takes the requests for buckets that have them logged (PutBucketLogging), and the copies from such buckets.</summary>
internal sealed class BucketLogSink(LoggedLines queue) : IFinishedRequestSink
{
    public void Add(FinishedRequest request)
    {
        if (request is { IsLogged: true, BucketId: { } id, Bucket: { } bucket })
        {
            queue.Add(new LoggedLine(id, bucket, request.Started, S3LogLine.Of(request)));
        }

        if (request.CopiedFrom is { IsLogged: true } source)
        {
            queue.Add(new LoggedLine(source.BucketId, source.Bucket, request.Started, S3LogLine.OfSource(request, source)));
        }
    }

    public bool ReadsHttp(FinishedRequest request) => request.IsLogged || request.CopiedFrom is { IsLogged: true };
}

using Tarn.Core.Samples;
using Tarn.S3.Telemetry;

namespace Tarn.Server.Requests;

/// <summary>Adds requests to what is counted of the bucket that they concern.</summary>
internal sealed class BucketRequests(ActivityLedger ledger) : IFinishedRequestSink
{
    public void Add(FinishedRequest request)
    {
        if (request.BucketId is { } bucket)
        {
            ledger.Add(bucket, BucketActivity.Of(request.Status, request.BytesIn, request.BytesForClient));
        }
    }

    public bool ReadsHttp(FinishedRequest request) => false;
}

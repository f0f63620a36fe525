using Microsoft.Extensions.Logging;
using Tarn.S3.Telemetry;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Telemetry;

public sealed class FinishedRequestsTests
{
    [Fact]
    public void A_sink_that_fails_changes_nothing_for_the_request_nor_for_other_sinks()
    {
        using var log = new KeptLog(typeof(FinishedRequests).FullName!);
        var other = new Sink(fails: false);
        var requests = new FinishedRequests([new Sink(fails: true), other], log.CreateLogger<FinishedRequests>());
        requests.Report(new FinishedRequest { Method = "PUT", Started = default, Status = 200, Total = default, RequestId = "ID" });
        Assert.Equal("ID", Assert.Single(other.Taken).RequestId);
        Assert.Contains("failed to take the finished request ID", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    private sealed class Sink(bool fails) : IFinishedRequestSink
    {
        public List<FinishedRequest> Taken { get; } = [];

        public void Add(FinishedRequest request)
        {
            if (fails)
            {
                throw new InvalidOperationException("inside");
            }

            Taken.Add(request);
        }
    }
}

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

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void What_was_said_in_http_is_collected_where_a_sink_reads_it(bool reads, bool isRead)
    {
        using var log = new KeptLog("-");
        var requests = new FinishedRequests([new Sink(fails: false), new Sink(fails: false, reads)], log.CreateLogger<FinishedRequests>());
        Assert.Equal(isRead, requests.ReadHttp(new FinishedRequest { Method = "PUT", Started = default, Status = 200, Total = default }));
    }

    private sealed class Sink(bool fails, bool reads = false) : IFinishedRequestSink
    {
        public bool ReadsHttp(FinishedRequest request) => reads;

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

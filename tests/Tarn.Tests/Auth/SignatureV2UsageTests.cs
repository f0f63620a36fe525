using System.Diagnostics.Metrics;
using Tarn.S3.Auth.SigV2;
using Tarn.S3.Requests;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Auth;

public sealed class SignatureV2UsageTests
{
    [Fact]
    public void Each_use_is_counted_and_each_key_said_once()
    {
        using var log = new KeptLog("");
        var usage = new SignatureV2Usage(log);
        var counted = new List<string>();
        int thread = Environment.CurrentManagedThreadId;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, it) =>
            {
                if (instrument.Name == "tarn.signature_v2.requests")
                {
                    it.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            // Other tests use the same instrument meanwhile; what is measured here is reported on this thread.
            if (Environment.CurrentManagedThreadId == thread)
            {
                counted.Add($"{tags[0].Value}+{value}");
            }
        });
        listener.Start();
        usage.Note("one", AuthMechanism.QueryVersion2);
        usage.Note("one", AuthMechanism.QueryVersion2);
        usage.Note("one", AuthMechanism.FormVersion2);
        usage.Note("two", AuthMechanism.HeaderVersion2);
        Assert.Equal(["url+1", "url+1", "form+1", "header+1"], counted);
        Assert.Equal(3, log.Lines.Count);
        Assert.All(log.Lines, line => Assert.StartsWith("Key ", line, StringComparison.Ordinal));
    }
}

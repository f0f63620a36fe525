using Tarn.Load.Http;
using Tarn.Load.Options;

namespace Tarn.Load.Workloads;

/// <summary>Reads back a sample of the objects put and compares them with what was sent, by SHA-256.</summary>
internal static class Verification
{
    private const long Sample = 100;

    /// <summary>Checks up to 100 evenly spread keys of the first <paramref name="written"/>; returns how many were checked.</summary>
    public static long Run(LoadOptions options, BodyPool bodies, long written, ErrorLog errors, out long wrong)
    {
        using var client = new S3Client(options, TimeProvider.System);
        using var sink = new HashingSink();
        long keys = Math.Min(written, options.Objects);
        long count = Math.Min(Sample, keys);
        wrong = 0;
        for (long i = 0; i < count; i++)
        {
            long key = count == 1 ? 0 : i * (keys - 1) / (count - 1);
            Exchange exchange = client.Object("GET", key, sink: sink);
            if (!exchange.IsSuccess || exchange.BodyBytes != bodies.Body(key).Length || !bodies.Hash(key).SequenceEqual(sink.Finish()))
            {
                wrong++;
                errors.Add($"verify: object {key} is not what was put (HTTP {exchange.Status}, {exchange.BodyBytes} bytes)");
            }
        }

        return count;
    }
}

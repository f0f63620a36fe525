using Tarn.Load.Http;
using Tarn.Load.Measure;
using Tarn.Load.Options;

namespace Tarn.Load.Workloads;

/// <summary>One thread's share of a run: its connection, its random numbers, its statistics.</summary>
internal sealed class Worker(LoadOptions options, ErrorLog errors, int number) : IDisposable
{
    public S3Client Client { get; } = new(options, TimeProvider.System);

    public Random Random { get; } = new(number);

    public int Number => number;

    public Dictionary<string, OperationStats> Stats { get; private set; } = [];

    public void ForgetStats() => Stats = [];

    /// <summary>Counts a success, or notes the failure; returns whether it was a success. A status that is accepted counts as one.</summary>
    public bool Record(string operation, Exchange exchange, long bytes, long items = 0, bool listingEnds = false, int? accepts = null)
    {
        if (!exchange.IsSuccess && exchange.Status != accepts)
        {
            Fail(operation, exchange.Describe());
            return false;
        }

        For(operation).Record(exchange, bytes, items, listingEnds);
        return true;
    }

    public void Fail(string operation, string message)
    {
        For(operation).RecordError();
        errors.Add($"{operation}: {message}");
    }

    public void Dispose() => Client.Dispose();

    private OperationStats For(string operation)
    {
        if (!Stats.TryGetValue(operation, out OperationStats? stats))
        {
            Stats[operation] = stats = new OperationStats();
        }

        return stats;
    }
}

using System.Diagnostics;
using System.Net.Sockets;
using Tarn.Load.Measure;
using Tarn.Load.Options;
using Tarn.Load.Workloads;

namespace Tarn.Load;

/// <summary>
/// Runs a workload on one thread and one connection per worker. The measured part begins with no request in flight and ends when the last
/// one has been answered, so that the server's processor time belongs to exactly the requests counted.
/// </summary>
internal sealed class Runner(LoadOptions options, IWorkload workload, ErrorLog errors)
{
    private long _next;

    /// <summary>How many requests have been started, the warm-up's among them.</summary>
    public long Started => Math.Min(Volatile.Read(ref _next), long.MaxValue);

    public RunResult Run()
    {
        Worker[] workers = [.. Enumerable.Range(0, options.Concurrency).Select(i => new Worker(options, errors, i))];
        try
        {
            if (options.Warmup > TimeSpan.Zero)
            {
                RunPhase(workers, options.Warmup, long.MaxValue);
                Array.ForEach(workers, w => w.ForgetStats());
            }

            bool peakIsOfRun = options.ServerPids.Count > 0 && ServerSample.ResetPeak(options.ServerPids);
            ServerSample? before = options.ServerPids.Count > 0 ? ServerSample.Take(options.ServerPids) : null;
            TimeSpan ownBefore = Environment.CpuUsage.TotalTime;
            long limit = options.Requests == long.MaxValue ? long.MaxValue : _next + options.Requests;
            TimeSpan elapsed = RunPhase(workers, options.Duration, limit);
            TimeSpan own = Environment.CpuUsage.TotalTime - ownBefore;
            ServerSample? after = options.ServerPids.Count > 0 ? ServerSample.Take(options.ServerPids) : null;
            return new RunResult(
                elapsed, Merge(workers), errors.First, workers.Sum(w => w.Client.Reconnects), own.TotalSeconds, before, after, peakIsOfRun);
        }
        finally
        {
            Array.ForEach(workers, w => w.Dispose());
        }
    }

    private TimeSpan RunPhase(Worker[] workers, TimeSpan duration, long limit)
    {
        long began = Stopwatch.GetTimestamp();
        long deadline = began + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        Thread[] threads = [.. workers.Select(w => new Thread(() => Work(w, deadline, limit), 256 * 1024))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        return Stopwatch.GetElapsedTime(began);
    }

    private void Work(Worker worker, long deadline, long limit)
    {
        long due = Stopwatch.GetTimestamp();
        while (Stopwatch.GetTimestamp() < deadline && !errors.TooMany)
        {
            if (options.Rate is { } rate)
            {
                WaitUntil(due);
                due += Stopwatch.Frequency * options.Concurrency / rate;
            }

            long index = Interlocked.Increment(ref _next) - 1;
            if (index >= limit)
            {
                Interlocked.Decrement(ref _next);
                return;
            }

            try
            {
                workload.Step(worker, index);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                worker.Fail(workload.Name, e.Message);
            }
        }
    }

    /// <summary>Does not wait for a time that has passed: late requests are sent at once.</summary>
    private static void WaitUntil(long due)
    {
        long left = due - Stopwatch.GetTimestamp();
        if (left > 0)
        {
            Thread.Sleep(TimeSpan.FromSeconds((double)left / Stopwatch.Frequency));
        }
    }

    private static SortedDictionary<string, OperationStats> Merge(Worker[] workers)
    {
        var merged = new SortedDictionary<string, OperationStats>(StringComparer.Ordinal);
        foreach ((string name, OperationStats stats) in workers.SelectMany(w => w.Stats))
        {
            if (!merged.TryGetValue(name, out OperationStats? sum))
            {
                merged[name] = sum = new OperationStats();
            }

            sum.Merge(stats);
        }

        return merged;
    }
}

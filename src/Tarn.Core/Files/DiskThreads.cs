using System.Collections.Concurrent;

namespace Tarn.Core.Files;

/// <summary>
/// A few threads that wait for the device, so that those of the thread pool, which serve the connections, do not.
/// </summary>
public sealed class DiskThreads : IDisposable
{
    private readonly BlockingCollection<Job> _jobs = [];
    private readonly Thread[] _threads;

    /// <summary>Starts the threads.</summary>
    /// <param name="count">How many.</param>
    /// <param name="name">Their name, for who looks at the process.</param>
    public DiskThreads(int count, string name)
    {
        _threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = name };
            _threads[i].Start();
        }
    }

    /// <summary>Runs the action on one of the threads; the task completes or fails with it.</summary>
    public Task RunAsync(Action action)
    {
        Job job = new(action, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _jobs.Add(job);
        return job.Done.Task;
    }

    /// <summary>Finishes what was queued, then ends the threads.</summary>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _jobs.Dispose();
    }

    private void Run()
    {
        foreach (Job job in _jobs.GetConsumingEnumerable())
        {
            try
            {
                job.Action();
                job.Done.SetResult();
            }
#pragma warning disable CA1031 // The failure is passed to the caller that waits; the thread must survive it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                job.Done.SetException(exception);
            }
        }
    }

    private readonly record struct Job(Action Action, TaskCompletionSource Done);
}

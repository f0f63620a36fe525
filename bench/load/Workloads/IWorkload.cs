namespace Tarn.Load.Workloads;

/// <summary>A kind of load. Shared by all workers, so its state is immutable or belongs to the worker.</summary>
internal interface IWorkload
{
    /// <summary>The kind of request that a failure to connect counts as.</summary>
    string Name { get; }

    /// <summary>Sends one request and records it with the worker.</summary>
    /// <param name="worker">Whose connection and statistics.</param>
    /// <param name="index">The request's number in the run, counted over all workers from 0.</param>
    void Step(Worker worker, long index);
}

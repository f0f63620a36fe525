using Tarn.Load.Options;

namespace Tarn.Load.Workloads;

/// <summary>PUTs of keys 0, 1, 2, …, starting over after --objects.</summary>
internal sealed class PutWorkload(LoadOptions options, BodyPool bodies) : IWorkload
{
    public string Name => "put";

    public void Step(Worker worker, long index)
    {
        long key = index % options.Objects;
        worker.Record(Name, worker.Client.Object("PUT", key, bodies.Body(key), bodies.PayloadHash(key)), bodies.Body(key).Length);
    }
}

/// <summary>DELETEs of keys 0, 1, 2, …; the run ends after --objects.</summary>
internal sealed class DeleteWorkload : IWorkload
{
    public string Name => "delete";

    public void Step(Worker worker, long index) => worker.Record(Name, worker.Client.Object("DELETE", index), 0);
}

/// <summary>
/// 45 % GET, 30 % HEAD, 15 % PUT, 10 % DELETE. Reads touch the prepared objects; a DELETE removes a key that the same worker put
/// (and is a PUT while there is none), so that no read ever gets a 404.
/// </summary>
internal sealed class MixedWorkload(LoadOptions options, BodyPool bodies) : IWorkload
{
    private readonly Stack<long>[] _put = [.. Enumerable.Range(0, options.Concurrency).Select(_ => new Stack<long>())];
    private readonly GetWorkload _get = new(options);
    private readonly StatWorkload _stat = new(options);

    public string Name => "mixed";

    public void Step(Worker worker, long index)
    {
        Stack<long> put = _put[worker.Number];
        int draw = worker.Random.Next(100);
        if (draw < 45)
        {
            _get.Step(worker, index);
        }
        else if (draw < 75)
        {
            _stat.Step(worker, index);
        }
        else if (draw < 90 || put.Count == 0)
        {
            long key = options.Objects + index;
            if (worker.Record("put", worker.Client.Object("PUT", key, bodies.Body(key), bodies.PayloadHash(key)), bodies.Body(key).Length))
            {
                put.Push(key);
            }
        }
        else
        {
            worker.Record("delete", worker.Client.Object("DELETE", put.Pop()), 0);
        }
    }
}

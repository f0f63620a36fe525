namespace Tarn.Core.Hashing.Lanes;

/// <summary>
/// Hashes what several uploads have received at the same time: several messages in lanes cost hardly more than one. Nothing waits for lanes to
/// fill: a job begins at once, and those that arrive while others are hashed join them after their next slice.
/// </summary>
/// <remarks>
/// A message alone is hashed faster by scalar code, so while there are processors to spare, each of a few jobs gets a worker of its own.
/// Workers are items of the thread pool that never wait: a worker without jobs ends, and one with several goes to the end of the pool's queue now
/// and then, so that while the processors are busy, other uploads come to fill its lanes. An upload has one job at a time, which bounds the queue.
/// docs/decisions/0022-md5-lanes.md has the reasons, docs/reference/performance.md the measurements.
/// </remarks>
internal sealed class Md5Scheduler
{
    /// <summary>After so many slices, which take about a quarter of a millisecond, others of the thread pool have their turn.</summary>
    public const int SlicesPerTurn = 8;

    private readonly int _processors;
    private readonly int _lanes;
    private readonly int _alone;
    private readonly IReadOnlyList<Md5Kernel> _kernels;
    private readonly Action<IThreadPoolWorkItem> _start;
    private readonly Lock _gate = new();
    private readonly Queue<Md5Job> _waiting = new();
    private readonly Stack<Worker> _idle = new();
    private int _queued;
    private int _active;
    private int _starting;
    private int _running;

    /// <param name="processors">How many workers may run at once.</param>
    /// <param name="kernels">For several messages, by their number; none: every job is hashed by scalar code.</param>
    /// <param name="start">Runs a worker on another thread.</param>
    internal Md5Scheduler(int processors, IReadOnlyList<Md5Kernel> kernels, Action<IThreadPoolWorkItem> start)
    {
        _processors = processors;
        _kernels = kernels;
        _start = start;
        _lanes = Md5Batch.LanesOf(kernels);
        _alone = _lanes == 1 ? int.MaxValue : AloneOf(processors);
    }

    /// <summary>The one of this process.</summary>
    public static Md5Scheduler Shared { get; } = new(
        Environment.ProcessorCount, Md5Kernel.Wide, static worker => ThreadPool.UnsafeQueueUserWorkItem(worker, preferLocal: false));

    /// <summary>Queues a job that has begun.</summary>
    public void Submit(Md5Job job)
    {
        Worker? worker = null;
        lock (_gate)
        {
            _waiting.Enqueue(job);
            _queued = _waiting.Count;
            _active++;
            if (_starting + _running < Wanted())
            {
                _starting++;
                worker = _idle.TryPop(out Worker? idle) ? idle : new Worker(this);
            }
        }

        if (worker is not null)
        {
            _start(worker);
        }
    }

    /// <summary>Up to how many jobs each get a worker: a quarter of the processors, two from four processors on.</summary>
    private static int AloneOf(int processors) => Math.Max(processors / 4, processors < 4 ? 1 : 2);

    /// <summary>How many workers the jobs need.</summary>
    private int Wanted() => Math.Min(_processors, _active <= _alone ? _active : ((_active - 1) / _lanes) + 1);

    /// <summary>Lets a worker begin; false when those that run suffice.</summary>
    private bool TryEnter(Worker worker)
    {
        lock (_gate)
        {
            _starting--;
            if (_running >= Wanted() || _waiting.Count == 0)
            {
                _idle.Push(worker);
                return false;
            }

            _running++;
            worker.IsRunning = true;
            Fill(worker.Batch);
            return true;
        }
    }

    /// <summary>Lets a worker go on after a slice, with other jobs if need be; false when it is done.</summary>
    private bool TryGoOn(Worker worker)
    {
        Md5Batch batch = worker.Batch;
        if (batch.Ended == 0 && Volatile.Read(ref _queued) == 0)
        {
            return true;
        }

        bool goesOn;
        lock (_gate)
        {
            _active -= batch.Ended;
            goesOn = _running <= Math.Max(Wanted(), 1);
            if (goesOn)
            {
                Fill(batch);
                goesOn = batch.Count > 0;
            }

            if (!goesOn)
            {
                Leave(batch);
            }
        }

        batch.GiveBack();
        if (!goesOn)
        {
            lock (_gate)
            {
                worker.IsRunning = false;
                _idle.Push(worker);
            }
        }

        return goesOn;
    }

    /// <summary>The jobs of a worker that is one too many share the lanes of another.</summary>
    private void Leave(Md5Batch batch)
    {
        _running--;
        while (batch.Count > 0)
        {
            _waiting.Enqueue(batch.Remove());
        }

        _queued = _waiting.Count;
    }

    private void Fill(Md5Batch batch)
    {
        int limit = _active <= _alone ? 1 : _lanes;
        while (batch.Count < limit && _waiting.TryDequeue(out Md5Job? job))
        {
            batch.Add(job);
        }

        _queued = _waiting.Count;
    }

    private sealed class Worker(Md5Scheduler scheduler) : IThreadPoolWorkItem
    {
        public Md5Batch Batch { get; } = new(scheduler._kernels);

        /// <summary>Whether it has begun and not ended. It may be in the queue of the thread pool all the same, with its jobs.</summary>
        public bool IsRunning { get; set; }

        public void Execute()
        {
            if (!IsRunning && !scheduler.TryEnter(this))
            {
                return;
            }

            int slices = 0;
            do
            {
                if (slices++ == SlicesPerTurn && Batch.Count > 1)
                {
                    scheduler._start(this);
                    return;
                }

                Batch.Hash();
            }
            while (scheduler.TryGoOn(this));
        }
    }
}

namespace Tarn.Core.Hashing.Lanes;

/// <summary>The jobs that one worker hashes at once, each in a lane.</summary>
/// <param name="kernels">For several messages, by their number.</param>
internal sealed unsafe class Md5Batch(IReadOnlyList<Md5Kernel> kernels)
{
    /// <summary>The most blocks of each job between two looks at the queue: 16 KiB, which take about 30 µs.</summary>
    public const int SliceBlocks = 256;

    private readonly Md5Job[] _jobs = new Md5Job[LanesOf(kernels)];
    private readonly List<(Md5Job Job, Exception? Failure)> _ended = [];

    /// <summary>How many jobs it has.</summary>
    public int Count { get; private set; }

    /// <summary>How many jobs it can have.</summary>
    public int Capacity => _jobs.Length;

    /// <summary>How many jobs have ended and not been removed.</summary>
    public int Ended => _ended.Count;

    public static int LanesOf(IReadOnlyList<Md5Kernel> kernels) => kernels.Count == 0 ? 1 : kernels[^1].Lanes;

    public void Add(Md5Job job) => _jobs[Count++] = job;

    /// <summary>Takes a job out before its end.</summary>
    public Md5Job Remove() => _jobs[--Count];

    /// <summary>Hashes a slice of each job: as many blocks as all of them have in a row.</summary>
    public void Hash()
    {
        MoveOn();
        if (Count == 0)
        {
            return;
        }

        nuint blocks = SliceBlocks;
        for (int i = 0; i < Count; i++)
        {
            blocks = Math.Min(blocks, _jobs[i].Blocks);
        }

        if (Count > 1)
        {
            HashInLanes(KernelFor(Count), blocks);
        }
        else
        {
            _jobs[0].HashScalar(blocks);
        }

        MoveOn();
    }

    /// <summary>Gives the bytes of jobs that have ended back to those who wait for them.</summary>
    public void GiveBack()
    {
        foreach ((Md5Job job, Exception? failure) in _ended)
        {
            job.End(failure);
        }

        _ended.Clear();
    }

    private Md5Kernel KernelFor(int count)
    {
        foreach (Md5Kernel kernel in kernels)
        {
            if (kernel.Lanes >= count)
            {
                return kernel;
            }
        }

        throw new InvalidOperationException($"There are no {count} lanes.");
    }

    private void HashInLanes(Md5Kernel kernel, nuint blocks)
    {
        int lanes = kernel.Lanes;
        uint* state = stackalloc uint[4 * lanes];
        byte** messages = stackalloc byte*[lanes];
        for (int lane = 0; lane < lanes; lane++)
        {
            // A lane without a job does what the first does, for nobody.
            Md5Job job = _jobs[lane < Count ? lane : 0];
            messages[lane] = job.At;
            Span<uint> words = job.State.Words;
            for (int word = 0; word < words.Length; word++)
            {
                state[(word * lanes) + lane] = words[word];
            }
        }

        kernel.Compress(state, messages, blocks);
        for (int lane = 0; lane < Count; lane++)
        {
            Md5Job job = _jobs[lane];
            Span<uint> words = job.State.Words;
            for (int word = 0; word < words.Length; word++)
            {
                words[word] = state[(word * lanes) + lane];
            }

            job.Advance(blocks);
        }
    }

    /// <summary>Finds the next blocks of the jobs that have none, and removes those that have ended.</summary>
    private void MoveOn()
    {
        for (int i = Count - 1; i >= 0; i--)
        {
            Md5Job job = _jobs[i];
            if (job.Blocks > 0 || TryMoveNext(job))
            {
                continue;
            }

            _jobs[i] = _jobs[--Count];
        }
    }

    private bool TryMoveNext(Md5Job job)
    {
        Exception? failure = null;
        try
        {
            if (job.MoveNext())
            {
                return true;
            }
        }
#pragma warning disable CA1031 // The failure is passed to the caller that waits; the other jobs go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        _ended.Add((job, failure));
        return false;
    }
}
